/**
 * What holds a source object still: the version, where its bucket keeps versions, and its ETag otherwise. Every
 * read of a source names its pin, so that bytes of another version can never enter an archive.
 */
export type Pin =
  | { readonly kind: "version"; readonly versionId: string }
  /** `etag` as S3 sends it, with its quotation marks. */
  | { readonly kind: "etag"; readonly etag: string }
  /**
   * The version S3 calls "null", as long as it has that ETag: an upload from before its bucket kept versions, or from
   * while that was suspended. Younger versions may stand before it.
   */
  | { readonly kind: "null-version"; readonly etag: string };

/** Data that stands in the manifest itself, of an entry that is no object's: it is pinned by being there. */
export interface InlineData {
  readonly kind: "inline";
  readonly bytes: Uint8Array;
}

/**
 * The pin of an object as S3 describes it. The version id "null" alone is none: the next upload to a bucket whose
 * versioning is suspended replaces the bytes under the same id.
 */
export function pinOf(object: { readonly etag: string; readonly versionId?: string | undefined }): Pin {
  const { etag, versionId } = object;
  if (versionId === undefined) return { kind: "etag", etag };
  return versionId === "null" ? { kind: "null-version", etag } : { kind: "version", versionId };
}

/** First byte of an encoded pin. Nearly all ETags are an MD5, or that of a multipart upload: both go as binary. */
const form = { version: 0, md5: 1, multipart: 2, otherEtag: 3, inline: 4, nullVersion: 5 } as const;

const md5Etag = /^"([0-9a-f]{32})"$/;
const multipartEtag = /^"([0-9a-f]{32})-([1-9][0-9]{0,4})"$/;
const md5LengthBytes = 16;

/**
 * A pin as bytes: one byte that tells the form, then the binary MD5 (and two bytes of part count), UTF-8 text, or the
 * data itself; of a "null" version the pin by its ETag.
 */
export function encodePin(pin: Pin | InlineData): Uint8Array {
  if (pin.kind === "inline") return tagged(form.inline, pin.bytes);
  if (pin.kind === "version") return tagged(form.version, Buffer.from(pin.versionId, "utf8"));
  if (pin.kind === "null-version")
    return tagged(form.nullVersion, encodePin({ kind: "etag", etag: pin.etag }));
  const single = md5Etag.exec(pin.etag)?.[1];
  if (single !== undefined) return tagged(form.md5, Buffer.from(single, "hex"));
  const [, md5, partCount] = multipartEtag.exec(pin.etag) ?? [];
  if (md5 !== undefined && partCount !== undefined && Number(partCount) <= 0xffff) {
    const count = Buffer.alloc(2);
    count.writeUInt16LE(Number(partCount));
    return tagged(form.multipart, Buffer.concat([Buffer.from(md5, "hex"), count]));
  }
  return tagged(form.otherEtag, Buffer.from(pin.etag, "utf8"));
}

/** The reverse of encodePin. Throws: RangeError for bytes that encodePin never makes. */
export function decodePin(bytes: Uint8Array): Pin | InlineData {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
  switch (bytes[0]) {
    case form.version:
      return { kind: "version", versionId: body.toString("utf8") };
    case form.md5:
      requireLength(body, md5LengthBytes);
      return { kind: "etag", etag: `"${body.toString("hex")}"` };
    case form.multipart: {
      requireLength(body, md5LengthBytes + 2);
      const md5 = body.toString("hex", 0, md5LengthBytes);
      return { kind: "etag", etag: `"${md5}-${body.readUInt16LE(md5LengthBytes)}"` };
    }
    case form.otherEtag:
      return { kind: "etag", etag: body.toString("utf8") };
    case form.inline:
      return { kind: "inline", bytes: body };
    case form.nullVersion:
      return { kind: "null-version", etag: etagOfPin(decodePin(body)) };
    default:
      throw new RangeError(`A pin can not start with byte ${bytes[0]}`);
  }
}

/** Whether these bytes, as encodePin wrote them, are data and no pin: asked of every entry, so without decoding it. */
export function isInline(bytes: Uint8Array): boolean {
  return bytes[0] === form.inline;
}

function etagOfPin(pin: Pin | InlineData): string {
  if (pin.kind === "etag") return pin.etag;
  throw new RangeError(`A "null" version is pinned by its ETag, and not by ${pin.kind}`);
}

function requireLength(body: Uint8Array, lengthBytes: number): void {
  if (body.length !== lengthBytes) throw new RangeError(`A pin has ${body.length} bytes, not ${lengthBytes}`);
}

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = tag;
  bytes.set(body, 1);
  return bytes;
}
