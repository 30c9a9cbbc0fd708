import { commonBaseFolder } from "../naming/common-base-folder.ts";
import { type FoundSelection, selectedPath } from "./found-selection.ts";

/**
 * The file name a download is saved under: that of the one selected folder, or of the deepest folder that holds all
 * that is selected, with `.zip` behind it; undefined where that is the root, which has no name.
 */
export function fileNameOf(selections: readonly FoundSelection[]): string | undefined {
  const [first, ...others] = selections;
  const isOneFolder = first?.kind === "folder" && others.length === 0;
  const folder = isOneFolder ? first.prefix : commonBaseFolder(selections.map(selectedPath));
  const name = folder.split("/").at(-2);
  return name === undefined || name === "" ? undefined : `${name}.zip`;
}
