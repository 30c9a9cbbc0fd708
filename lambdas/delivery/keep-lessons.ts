import type { Ball } from "../ball/ball.ts";
import type { Manifest } from "../ball/manifest.ts";
import { contentNamesOf } from "../crc32/content-names.ts";
import type { ContentName, KnownContent } from "../crc32/known-contents.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import type { ArchiveStream } from "./stream-archive.ts";

interface KeepingContext extends DeliveryContext {
  readonly ball: Ball;
}

/** What a stream learned of CRC-32s. */
export type Lessons = Pick<ArchiveStream, "learned" | "refuted">;

/**
 * Keeps what a download learned of CRC-32s, and drops what it found to be wrong, so that other balls learn it again.
 * Of the ball's plan it stays: a header with it may have gone out, and an entity tag means the same bytes for ever; the
 * ball gets another plan. Not worth failing a download for: what can not be kept is learned again.
 */
export async function keepLessons(
  context: KeepingContext,
  manifest: Manifest,
  { learned, refuted }: Lessons,
): Promise<void> {
  const { store, ball } = context;
  await Promise.allSettled([
    ...(learned.knownCount > 0 ? [store.addCrc32s(ball, learned)] : []),
    keepContents(context, manifest, { learned, refuted }),
  ]);
}

/** The part of it that is for other balls. */
export async function keepContents(
  context: Pick<DeliveryContext, "contents" | "reader">,
  manifest: Manifest,
  { learned, refuted }: Lessons,
): Promise<void> {
  const { contents } = context;
  const { bucket } = manifest;
  await Promise.allSettled([
    contents.keep(bucket, contentsOf(manifest, { learned, refuted })),
    ...[...refuted].map(async (entry) => contents.forget(bucket, await namesOf(context, manifest, entry))),
  ]);
}

function contentsOf(manifest: Manifest, { learned, refuted }: Lessons): KnownContent[] {
  if (learned.knownCount === 0) return [];
  const contents: KnownContent[] = [];
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    const crc32 = learned.get(entry);
    if (crc32 === undefined || refuted.has(entry) || manifest.inlineData(entry) !== undefined) continue;
    const { key, pin } = manifest.source(entry);
    contents.push({ key, pin, crc32 });
  }
  return contents;
}

/** The answer whose lessons are kept ends behind this: it does not wait longer for S3, in milliseconds. */
const timeoutMs = 10_000;

/** What an object's CRC-32 may be kept under: its pin, and the ETag, which a version's pin does not tell. */
async function namesOf(
  { reader }: Pick<DeliveryContext, "reader">,
  manifest: Manifest,
  entry: number,
): Promise<ContentName[]> {
  const source = manifest.source(entry);
  const { key, pin } = source;
  if (pin.kind !== "version") return [{ key, pin }];
  return contentNamesOf(await reader.describePinned(source, AbortSignal.timeout(timeoutMs)));
}
