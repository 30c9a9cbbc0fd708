import { containingFolder } from "./containing-folder.ts";

/**
 * The deepest folder that holds everything selected. Entry names are the rest of each key after it, so that one
 * selected file is not buried in folders and a selected folder keeps its own name.
 *
 * Shape: `selected` are keys of selected objects and prefixes (ending in "/") of selected folders; the answer
 * ends in "/" or is "". It is a proper prefix of every selected path: no object's rest is empty.
 */
export function commonBaseFolder(selected: Iterable<string>): string {
  let base: string | undefined;
  for (const path of selected) {
    const folder = containingFolder(path);
    base = base === undefined ? folder : sharedFolder(base, folder);
    if (base === "") break;
  }
  return base ?? "";
}

function sharedFolder(one: string, other: string): string {
  if (other.startsWith(one)) return one;
  let end = 0;
  while (one[end] === other[end]) end += 1;
  return one.slice(0, one.slice(0, end).lastIndexOf("/") + 1);
}
