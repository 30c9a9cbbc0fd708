import { createHash } from "node:crypto";
import type { Part, PartPlan } from "../parts/part-plan.ts";

/**
 * Digest of all that workers have to agree on to make one archive: the borders of all parts, which of them are copied, and
 * how they are shared out.
 */
export function digestOfPlan({ groups, closing, isTwoLevel }: PartPlan): string {
  const hash = createHash("sha256");
  hash.update(isTwoLevel ? "two levels" : "one level");
  for (const { parts } of [...groups, { parts: closing }]) {
    hash.update(Float64Array.of(parts.length));
    hash.update(Float64Array.from(parts.flatMap(numbersOf)));
  }
  return hash.digest("base64url");
}

/** 0 for an uploaded part, the number of its entry and 1 for a copied one. */
function numbersOf(part: Part): number[] {
  return [part.start, part.end, part.kind === "copied" ? part.entry + 1 : 0];
}
