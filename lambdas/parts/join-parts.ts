import type { ByteRange } from "../layout/byte-range.ts";
import { cutEvenly } from "./cut-evenly.ts";
import type { PartLimits, PartPlan } from "./part-plan.ts";

/** A part that S3 copies from the object of a group; its bytes count from the start of the archive. */
export interface JoinPart extends ByteRange {
  readonly group: number;
}

/**
 * The parts that join the objects of a two-level plan's groups, in order; the closing parts follow them.
 * Each is as long as may be, because there are many groups.
 */
export function joinParts(plan: Pick<PartPlan, "groups">, limits: PartLimits): readonly JoinPart[] {
  return plan.groups.flatMap((range, group) =>
    cutEvenly(range, limits.largestPartBytes).map((part) => ({ ...part, group })),
  );
}
