import type { ByteRange } from "../layout/byte-range.ts";
import { lengthOfByteRange } from "../layout/byte-range.ts";
import type { PartLimits, PartPlan } from "./part-plan.ts";

/** A part of the archive that is copied from the object that a group became: in bytes of that object, half-open. */
export interface JoinedPart extends ByteRange {
  readonly group: number;
}

/** The parts by which the groups of a plan of two levels are joined, in order; none in a plan of one level. */
export function joinedParts(plan: PartPlan, { largestPartBytes }: PartLimits): JoinedPart[] {
  if (!plan.isTwoLevel) return [];
  return plan.groups.flatMap((range, group) => {
    const lengthBytes = lengthOfByteRange(range);
    const count = Math.ceil(lengthBytes / largestPartBytes);
    // All as long as each other, or a byte longer: none is too short to be a part.
    const partBytes = Math.floor(lengthBytes / count);
    const longerCount = lengthBytes % count;
    const startOf = (index: number) => partBytes * index + Math.min(index, longerCount);
    return Array.from({ length: count }, (_, index) => ({
      group,
      start: startOf(index),
      end: startOf(index + 1),
    }));
  });
}

/** Number in its upload of a group's first part: those of the archive's upload go on from group to group. */
export function firstNumberOfGroup({ groups, isTwoLevel }: PartPlan, group: number): number {
  if (isTwoLevel) return 1;
  return groups.slice(0, group).reduce((number, { parts }) => number + parts.length, 1);
}

/** Number of the first closing part in the archive's upload. */
export function firstNumberOfClosing(plan: PartPlan, limits: PartLimits): number {
  return plan.isTwoLevel
    ? joinedParts(plan, limits).length + 1
    : firstNumberOfGroup(plan, plan.groups.length);
}
