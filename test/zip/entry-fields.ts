import type { EntryFields } from "../../lambdas/zip/entry.ts";

/** Tuesday 2023-11-14 22:13:21 UTC. */
export const someTime = 1_700_000_001;

/** What a header says of a small file, with what a test changes. */
export function someEntry(changes: Partial<EntryFields> & { text?: string } = {}): EntryFields {
  const { text = "grüße.txt", ...rest } = changes;
  const name = new TextEncoder().encode(text);
  return {
    name,
    nameLengthBytes: name.length,
    sizeBytes: 11,
    crc32: 0xdeadbeef,
    mtimeEpochSeconds: someTime,
    localHeaderOffset: 0,
    isDirectory: text.endsWith("/"),
    ...rest,
  };
}
