import type { AssembledArchive } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import { attemptPrefix } from "./archive-keys.ts";
import type { AssemblyContext } from "./assembly-context.ts";

/**
 * Keeps which archive an attempt has made, and removes before whatever else was made for it: objects of groups, uploads
 * that nobody completed. Behind that nobody would come to do it. The archive goes, too, when the attempt had come to another
 * end.
 */
export async function keepArchive(
  { assemblies, archives }: AssemblyContext,
  ball: Ball,
  attempt: number,
  archive: AssembledArchive,
): Promise<void> {
  const prefix = attemptPrefix(ball, attempt);
  await archives.removeAll(prefix, archive.key);
  const kept = await assemblies.complete(ball, attempt, archive);
  if (kept.archive?.key !== archive.key) await archives.removeAll(prefix);
}
