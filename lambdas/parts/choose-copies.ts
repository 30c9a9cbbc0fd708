import type { Layout } from "../layout/layout.ts";
import type { PartLimits } from "./part-plan.ts";

/** Entries whose bodies are copied, in order; all others' pass through compute. */
export function chooseCopies(layout: Layout, limits: PartLimits): readonly number[] {
  const copied: number[] = [];
  const { source } = layout;
  for (let entry = 0; entry < source.entryCount; entry++) {
    if (source.sizeBytes(entry) >= 6 * limits.smallestPartBytes) copied.push(entry);
  }
  return copied;
}
