import { joinParts } from "./join-parts.ts";
import type { PartLimits, PartPlan } from "./part-plan.ts";

/** Number in its upload of a group's first part: those of the archive's own upload go on from group to group. */
export function firstNumberOfGroup({ groups, isTwoLevel }: PartPlan, group: number): number {
  if (isTwoLevel) return 1;
  return groups.slice(0, group).reduce((number, { parts }) => number + parts.length, 1);
}

/** Number of the first closing part in the archive's upload: behind those of the groups, or those that join them. */
export function firstNumberOfClosing(plan: PartPlan, limits: PartLimits): number {
  return plan.isTwoLevel ? joinParts(plan, limits).length + 1 : firstNumberOfGroup(plan, plan.groups.length);
}
