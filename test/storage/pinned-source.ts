import { pinOf } from "../../lambdas/ball/pin.ts";
import type { PinnedSource, SourceObject, SourceReader } from "../../lambdas/ball/source.ts";

/** The object as it is now, and what pins it. */
export async function pinnedSource(
  reader: SourceReader,
  bucket: string,
  key: string,
): Promise<{ object: SourceObject; source: PinnedSource }> {
  const object = await reader.describe(bucket, key);
  if (object === undefined) throw new Error(`There is no ${key}`);
  return { object, source: { bucket, key, pin: pinOf(object), sizeBytes: object.sizeBytes } };
}
