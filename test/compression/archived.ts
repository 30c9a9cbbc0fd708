import { type CompressionInput, compressArchive } from "../../lambdas/compression/compress-archive.ts";
import { archiveOf, type Content, drain } from "../delivery/archive-of.ts";
import { entriesOf } from "../e2e/read-zip.ts";

/** Objects in memory, and what compresses them. */
export function compressible(contents: readonly Content[]) {
  const archive = archiveOf(contents);
  const compress = (more: Partial<CompressionInput> = {}) =>
    compressArchive({
      manifest: archive.manifest,
      crc32s: archive.known,
      reader: archive.sources,
      signal: new AbortController().signal,
      ...more,
    });
  return { ...archive, compress };
}

/** The zip of those contents. Throws what it fails with. */
export async function compressed(contents: readonly Content[]): Promise<Buffer> {
  const { bytes, error } = await drain(compressible(contents).compress().chunks);
  if (error !== undefined) throw error;
  return bytes;
}

/** Names and contents of a zip's entries, read by yauzl. */
export async function contentsOf(zip: Buffer): Promise<Content[]> {
  const entries = await entriesOf(zip);
  return entries.map(({ name, content }) => ({ name, bytes: content }));
}
