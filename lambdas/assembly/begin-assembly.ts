import { archiveKey } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import type { OpenAssembly } from "./open-assembly.ts";

/** The group under which the beginning of an assembly is leased: behind all that a plan may have. */
export const beginningGroup = 99_999;

/**
 * Begins an attempt: makes its upload, and keeps that it is there. Whoever comes second finds it begun; an upload of which
 * nobody came to say so is removed when the archive is there.
 */
export async function beginAttempt(
  { archives, assemblies }: AssemblyContext,
  { ball, plan, partsDigest }: OpenAssembly,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  const present = await assemblies.find(ball);
  if (present !== undefined && present.attempt >= attempt) return;
  const key = archiveKey(ball, attempt);
  const uploadId = await archives.beginUpload(key, signal);
  const begunAtEpochSeconds = Math.floor(Date.now() / 1000);
  const groupCount = plan.groups.length;
  const begun = await assemblies.begin(ball, {
    ...{ attempt, uploadId, groupCount, partsDigest, begunAtEpochSeconds },
  });
  if (begun.uploadId !== uploadId) await archives.abort({ key, uploadId });
}
