import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";

/** Something found in a folder, with the key it gets in the bucket. */
export type FolderItem =
  | {
      readonly kind: "file";
      readonly key: string;
      readonly path: string;
      /** In bytes. */
      readonly size: number;
      readonly mtimeMs: number;
    }
  /** A folder without anything in it that gets a key; its own key ends in a slash. */
  | { readonly kind: "empty-folder"; readonly key: string }
  | { readonly kind: "symbolic-link"; readonly path: string }
  | { readonly kind: "skipped"; readonly path: string; readonly why: string };

export interface Walk {
  /** Absolute. */
  readonly path: string;
  /** Ends in a slash. */
  readonly keyPrefix: string;
  /** Absolute path of a folder to leave out: the stack's own data, which would grow by being read. */
  readonly except: string;
}

/**
 * Everything under a folder, folder by folder, in the order of the names' bytes. Symbolic links are not followed: what they point to
 * may lie outside, or above. Names that are no UTF-8 have no key that would come back as the same name.
 * Throws: when the folder itself can not be read; what can not be read inside it is `skipped`.
 */
export async function* walkFolder({ path, keyPrefix, except }: Walk): AsyncGenerator<FolderItem> {
  const entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
  let isEmpty = true;
  for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
    const entryPath = `${path}/${entry.name}`;
    if (entryPath === except) continue;
    for await (const item of walkEntry(entry, { path: entryPath, keyPrefix, except })) {
      isEmpty &&= !("key" in item);
      yield item;
    }
  }
  if (isEmpty) yield { kind: "empty-folder", key: keyPrefix };
}

async function* walkEntry(
  entry: Dirent<Buffer>,
  { path, keyPrefix, except }: Walk,
): AsyncGenerator<FolderItem> {
  const why = reasonToSkip(entry, keyPrefix);
  if (why !== undefined) yield { kind: "skipped", path, why };
  else if (entry.isSymbolicLink()) yield { kind: "symbolic-link", path };
  else if (entry.isFile()) yield await describeFile(path, `${keyPrefix}${entry.name}`);
  else yield* walkInside({ path, keyPrefix: `${keyPrefix}${entry.name}/`, except });
}

async function* walkInside(walk: Walk): AsyncGenerator<FolderItem> {
  try {
    yield* walkFolder(walk);
  } catch (error) {
    yield { kind: "skipped", path: walk.path, why: reasonOf(error) };
  }
}

async function describeFile(path: string, key: string): Promise<FolderItem> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return { kind: "file", key, path, size, mtimeMs };
  } catch (error) {
    return { kind: "skipped", path, why: reasonOf(error) };
  }
}

function reasonToSkip(entry: Dirent<Buffer>, keyPrefix: string): string | undefined {
  if (!isUtf8(entry.name)) return "its name is not UTF-8";
  if (!entry.isDirectory() && !entry.isFile() && !entry.isSymbolicLink())
    return "neither a file nor a folder";
  const keyLength = Buffer.byteLength(keyPrefix) + entry.name.length + (entry.isDirectory() ? 1 : 0);
  return keyLength > maxKeyBytes ? `its key would be longer than ${maxKeyBytes} bytes` : undefined;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Source: S3 user guide, "Object key naming guidelines". */
const maxKeyBytes = 1024;
