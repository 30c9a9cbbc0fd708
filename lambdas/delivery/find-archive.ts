import type { AssembledArchive, Assembly, AssemblyStore } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import { evaluateRequest, type Representation } from "../http/evaluate-request.ts";
import type { JudgedArchive } from "./delivery.ts";
import type { DownloadRequest } from "./open-download.ts";

/** A complete assembly, of the plan that its ball has. */
export interface MadeArchive {
  readonly ball: Ball;
  readonly assembly: Assembly;
  readonly archive: AssembledArchive;
}

/**
 * The archive of an assembled ball's present plan; undefined while it is being made.
 * Throws: BallError("assembly-failed") when it is not.
 */
export async function findArchive(
  assemblies: Pick<AssemblyStore, "find">,
  ball: Ball,
): Promise<MadeArchive | undefined> {
  const assembly = await assemblies.find(ball);
  if (assembly?.state === "failed")
    throw new BallError("assembly-failed", `The zip could not be assembled: ${assembly.failure}`);
  return assembly?.archive && { ball, assembly, archive: assembly.archive };
}

/** Judges a request by S3's own validators of the archive, so that S3 comes to the same. */
export function judgeArchive(
  archive: AssembledArchive,
  { method, header }: Pick<DownloadRequest, "method" | "header">,
  fileName: string,
): JudgedArchive {
  const { etag, lengthBytes, lastModifiedEpochSeconds } = archive;
  // A plan that was followed by another while it was assembled was never answered.
  const representation: Representation = {
    etag,
    lengthBytes,
    lastModifiedEpochSeconds,
    isReplacement: false,
  };
  return { fileName, archive: representation, evaluation: evaluateRequest(method, header, representation) };
}
