import type { AssemblyContext } from "./assembly-context.ts";
import type { GroupWork, Made } from "./group-work.ts";

export async function assembleCompressed(
  _context: AssemblyContext,
  _hold: Pick<GroupWork, "open" | "lease" | "progress" | "hasTime">,
  _attempt: number,
): Promise<Made> {
  throw new Error("not yet");
}
