import { z } from "zod";
import { encodeSlice } from "../../lambdas/layout/encode-slice.ts";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { rangeOfSegment } from "../../lambdas/layout/segment.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { answerWith, inputOf } from "../child.ts";
import { median } from "../median.ts";
import { realisticManifest } from "./realistic-manifest.ts";

/** Run by core.ts: layouts of several sizes, and what is asked of the largest. */

const runs = 5;
const questions = 100_000;
const { counts } = inputOf(z.object({ counts: z.array(z.number().int().positive()).min(1) }));
const planMs: number[] = [];
let largest: Layout | undefined;
for (const count of counts) {
  const manifest = realisticManifest(count, "etag");
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    largest = planLayout(manifest);
    times.push(performance.now() - start);
  }
  planMs.push(median(times));
}
if (largest === undefined) throw new Error("There was nothing to measure");
const layout = largest;

const offsets = Float64Array.from({ length: questions }, () =>
  Math.floor(Math.random() * layout.lengthBytes),
);
const seekMicroseconds = microsecondsEach(offsets, (start) => {
  return sliceLayout(layout, { start, end: start + 1 }).next().value?.end ?? 0;
});
const entries = offsets.map(() => Math.floor(Math.random() * layout.source.entryCount));
const headerMicroseconds = microsecondsEach(entries, (entry) => {
  const segment = { kind: "local-file-header", entry } as const;
  const { start, end } = rangeOfSegment(layout, segment);
  return encodeSlice(layout, { ...segment, start: 0, end: end - start }, () => entry).length;
});
answerWith({ planMs, seekMicroseconds, headerMicroseconds });

function microsecondsEach(questions: Float64Array, ask: (question: number) => number): number {
  let sum = 0;
  const start = performance.now();
  for (const question of questions) sum += ask(question);
  const elapsedMs = performance.now() - start;
  // Looked at, so that no compiler may leave the work out.
  if (!(sum > 0)) throw new Error("Nothing was answered");
  return (elapsedMs * 1000) / questions.length;
}
