import { finished } from "node:stream/promises";
import { z } from "zod";
import { createS3Client } from "../../lambdas/storage/s3/client.ts";
import { answerWith, inputOf } from "../child.ts";
import { DiscardingSink } from "../discarding-sink.ts";
import { readProcessMemory } from "../process-memory.ts";
import { contestantNames, loadContestant } from "./contestants/contestants.ts";
import { readObjectSet } from "./object-set.ts";

/** Run by stream.ts: one contestant makes one archive in a process of its own, and tells what that took. */

const input = inputOf(
  z.object({
    contestant: z.enum(contestantNames),
    endpoint: z.url(),
    setFile: z.string(),
    firstObjects: z.number().int().positive(),
  }),
);
const { bucket, objects: all } = readObjectSet(input.setFile);
const objects = all.slice(0, input.firstObjects);
const { run, makesZip } = await loadContestant(input.contestant);
const sink = new DiscardingSink();
const s3 = createS3Client(input.endpoint);

const isDone = finished(sink);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
await Promise.all([run({ s3, bucket, objects, sink }), isDone]);
const { user, system } = process.cpuUsage(cpuBefore);
const wallSeconds = (performance.now() - startedAt) / 1000;

const bodyBytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const isWhole = makesZip
  ? sink.lengthBytes > bodyBytes && sink.endsAsZipOf(objects.length)
  : sink.lengthBytes === bodyBytes;
answerWith({
  wallSeconds,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: readProcessMemory("self").peakBytes,
  lengthBytes: sink.lengthBytes,
  isWhole,
});
s3.destroy();
