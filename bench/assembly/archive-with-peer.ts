import { join } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { runChild } from "../child.ts";
import { type BenchObject, writeObjectSet } from "../stream/object-set.ts";
import { accountVariables, archivesBucket, sourceBucket } from "./account.ts";
import { measurementSchema } from "./measurement.ts";
import type { Servers } from "./servers.ts";
import type { Taken } from "./taken.ts";

export interface PeerOptions {
  readonly servers: Servers;
  /** The peer's. */
  readonly program: URL;
  readonly objects: readonly BenchObject[];
  readonly partBytes: number;
  readonly workDir: string;
}

/** Has the peer make an archive of the objects, in one process. */
export async function archiveWithPeer(options: PeerOptions): Promise<{ key: string; taken: Taken }> {
  const { servers, program, objects, partBytes, workDir } = options;
  const setFile = join(workDir, "peer.json");
  writeObjectSet(setFile, { bucket: sourceBucket, objects });
  const key = "peer.zip";
  const target = { bucket: archivesBucket, key };
  await servers.traffic();
  const { wallSeconds, cpuSeconds, peakBytes } = await runChild({
    program,
    input: { endpoint: servers.s3Endpoint, setFile, target, partBytes },
    answer: measurementSchema,
    environment: accountVariables,
    nodeOptions: [],
  });
  const traffic = await servers.traffic();
  const { ContentLength = 0 } = await servers.s3.send(
    new HeadObjectCommand({ Bucket: archivesBucket, Key: key }),
  );
  const taken = { seconds: wallSeconds, workerSeconds: wallSeconds, cpuSeconds, peakBytes };
  return { key, taken: { lengthBytes: ContentLength, traffic, ...taken } };
}
