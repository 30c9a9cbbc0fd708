/** A key, or a folder's prefix, as messages name it: the path a caller knows it by, with a slash in front. */
export function quotedPath(keyOrPrefix: string): string {
  return JSON.stringify(`/${keyOrPrefix}`);
}
