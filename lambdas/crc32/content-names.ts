import { type Pin, pinOf } from "../ball/pin.ts";
import type { ContentName } from "./known-contents.ts";

/** An object, or one version of it, as S3 tells of it. */
interface NamedObject {
  readonly key: string;
  /** With its quotation marks. */
  readonly etag: string;
  readonly versionId?: string | undefined;
}

/**
 * All that an object's content may be kept under: its ETag, and its version where it has one, as a download knows no ETag
 * of what a version pins.
 */
export function contentNamesOf(object: NamedObject): ContentName[] {
  const { key } = object;
  const pin = pinOf(object);
  const byEtag = { key, pin: etagPin(object) };
  return pin.kind === "version" ? [byEtag, { key, pin }] : [byEtag];
}

/** The pin under which a content is kept that a listing can find, too: a listing tells no version. */
export function etagPin({ etag }: Pick<NamedObject, "etag">): Pin {
  return { kind: "etag", etag };
}

/** A name as one text, to look it up by. */
export function textOfName({ key, pin }: ContentName): string {
  return JSON.stringify([key, pin.kind, pin.kind === "version" ? pin.versionId : pin.etag]);
}
