/**
 * The folder that directly holds an object or a folder: `a/b/c.txt` and `a/b/c/` are both in `a/b/`.
 *
 * Shape: `path` is an object's key or a folder's prefix ending in "/"; the answer ends in "/" or is "" at the
 * top, and is always shorter than a path that is not empty.
 */
export function containingFolder(path: string): string {
  // The last character is the name's own, be it the slash of a folder or not.
  return path.slice(0, path.slice(0, -1).lastIndexOf("/") + 1);
}
