/**
 * Prefixes of the folders something lies in, the outermost first: `a/` and `a/b/` of the object `a/b/c`; an object
 * whose key ends in "/" lies in the folder of that name, a folder does not lie in itself.
 */
export function foldersAbove(kind: "object" | "folder", path: string): string[] {
  const end = kind === "object" ? path.length : path.length - 1;
  const folders: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0 && slash < end; slash = path.indexOf("/", slash + 1)) {
    folders.push(path.slice(0, slash + 1));
  }
  return folders;
}
