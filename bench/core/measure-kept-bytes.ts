import { z } from "zod";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { answerWith, inputOf } from "../child.ts";
import { realisticCrc32s, realisticManifest } from "./realistic-manifest.ts";

/** Run by core.ts with --expose-gc: what a manifest, its layout and its CRC-32s keep. */

const { entryCount } = inputOf(z.object({ entryCount: z.number().int().positive() }));
// What loading and compiling leaves behind is not theirs.
planLayout(realisticManifest(1000, "etag"));
const before = liveBytes();
const manifest = realisticManifest(entryCount, "etag");
const layout = planLayout(manifest);
const crc32s = realisticCrc32s(entryCount);
const bytesAnEntry = (liveBytes() - before) / entryCount;
let keyBytes = 0;
for (let entry = 0; entry < entryCount; entry += 1) keyBytes += manifest.keyBytes(entry).length;
// All three are used behind the measurement, so that none of them is collected before it.
if (layout.source.entryCount !== crc32s.knownCount) throw new Error("Entries and CRC-32s differ in number");
answerWith({ bytesAnEntry, keyBytes: keyBytes / entryCount });

function liveBytes(): number {
  if (globalThis.gc === undefined) throw new Error("This needs --expose-gc");
  // Twice: memory of buffers is given back by the one after the one that found them dead.
  for (let round = 0; round < 2; round += 1) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
