import type { Manifest } from "../ball/manifest.ts";

/** Whether an entry's data is that of an object: not of an empty one, nor in the manifest itself. */
export function isOfObject(manifest: Manifest, entry: number): boolean {
  return manifest.sizeBytes(entry) > 0 && manifest.inlineData(entry) === undefined;
}

/** The entries whose data is that of an object, in order. */
export function objectEntries(manifest: Manifest): number[] {
  const entries = Array.from({ length: manifest.entryCount }, (_, entry) => entry);
  return entries.filter((entry) => isOfObject(manifest, entry));
}
