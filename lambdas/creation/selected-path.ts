import type { Selection } from "./selection.ts";

/** The key of a selected object, or the prefix of a selected folder. */
export function selectedPath(selection: Selection): string {
  if (selection.kind === "id") throw new Error("Ids are not looked up yet");
  return selection.kind === "path" ? selection.key : selection.prefix;
}
