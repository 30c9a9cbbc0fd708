import type { SourceObject } from "../ball/source.ts";
import { contentNamesOf, etagPin, textOfName } from "./content-names.ts";
import type { KnownContent, KnownContents } from "./known-contents.ts";

/**
 * The objects, at the same index, with the CRC-32s that were learned before. One that a listing told of gets its
 * version with it, and stays as it is where that is not known: it would be held still by less than it could be.
 */
export async function recallContents(
  contents: KnownContents,
  bucket: string,
  objects: readonly SourceObject[],
  signal?: AbortSignal,
): Promise<SourceObject[]> {
  const names = objects.filter(isUnknown).flatMap(contentNamesOf);
  if (names.length === 0) return [...objects];
  const found = await contents.find(bucket, names, signal);
  const byName = new Map(found.map((content) => [textOfName(content), content]));
  return objects.map((object) => (isUnknown(object) ? recalled(object, byName) : object));
}

/**
 * What is to be kept of an object whose CRC-32 is known; undefined where it is not. It is kept under its ETag, so that
 * it is found from a listing too, which tells no version.
 */
export function contentOf(object: SourceObject): KnownContent | undefined {
  const { key, crc32, sizeBytes, versionId, mtimeEpochSeconds } = object;
  if (typeof crc32 !== "number" || sizeBytes === 0) return undefined;
  return { key, pin: etagPin(object), crc32, version: { versionId, mtimeEpochSeconds } };
}

/** Whether its CRC-32 has to be learned. Of no data it is 0. */
function isUnknown({ sizeBytes, crc32 }: SourceObject): boolean {
  return sizeBytes > 0 && typeof crc32 !== "number";
}

function recalled(object: SourceObject, byName: ReadonlyMap<string, KnownContent>): SourceObject {
  const found = contentNamesOf(object).flatMap((name) => byName.get(textOfName(name)) ?? []);
  const [first] = found;
  if (first === undefined) return object;
  if (!isListed(object)) return { ...object, crc32: first.crc32 };
  const { mtimeEpochSeconds } = object;
  const same = found.find(({ version }) => version?.mtimeEpochSeconds === mtimeEpochSeconds);
  return same === undefined ? object : { ...object, crc32: same.crc32, versionId: same.version?.versionId };
}

/** Known by a listing alone: whether it has a version id is not known. */
function isListed({ crc32, versionId }: SourceObject): boolean {
  return crc32 === "not told" && versionId === undefined;
}
