import type { AssembledArchive } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { attemptPrefix } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";

/**
 * Keeps which archive an attempt has made, and removes whatever else was made for it: objects of groups, uploads that
 * nobody completed, and the archive too when the attempt had come to another end. Only now: a worker that was frozen
 * while others made the archive would remove that, if it removed anything at its beginning.
 */
export async function keepArchive(
  { assemblies, archives }: AssemblyContext,
  ball: Ball,
  attempt: number,
  archive: AssembledArchive,
): Promise<void> {
  const kept = await assemblies.complete(ball, attempt, archive);
  await archives.removeAll(attemptPrefix(ball, attempt), kept.archive?.key);
}
