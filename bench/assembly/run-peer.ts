import { z } from "zod";
import { answerWith, inputOf } from "../child.ts";
import { readProcessMemory } from "../process-memory.ts";
import { readClocks } from "../stream/measuring-sink.ts";
import { readObjectSet } from "../stream/object-set.ts";
import type { Measurement } from "./measurement.ts";
import { archiverIntoUpload, peerClient } from "./peer-archiver.ts";

/**
 * Run by runChild, with the S3's region and credentials in its environment: archiver into lib-storage's Upload, in a process
 * of its own, and what that took.
 */

const { endpoint, setFile, target, partBytes } = inputOf(
  z.object({
    endpoint: z.url(),
    /** As writeObjectSet writes it. */
    setFile: z.string(),
    target: z.object({ bucket: z.string(), key: z.string() }),
    partBytes: z.number(),
  }),
);
const { bucket, objects } = readObjectSet(setFile);
const s3 = peerClient(endpoint);

const begin = readClocks();
await archiverIntoUpload(s3, { bucket, objects, target, partBytes });
const end = readClocks();
answerWith({
  wallSeconds: end.wallSeconds - begin.wallSeconds,
  cpuSeconds: end.cpuSeconds - begin.cpuSeconds,
  peakBytes: readProcessMemory("self").peakBytes,
} satisfies Measurement);
