import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { BallError } from "../../lambdas/ball/errors.ts";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type { PinnedSource, SourceObject, SourceRange, SourceReader } from "../../lambdas/ball/source.ts";

/** One call of a reader's `read`, as it began. */
export interface ReadCall {
  readonly key: string;
  readonly range: SourceRange;
  readonly signal: AbortSignal | undefined;
}

interface Stored {
  bytes: Uint8Array;
  readonly object: SourceObject;
}

/**
 * Source objects in memory, with the manners of S3: pins are honoured, reads answer later, and an aborted signal
 * ends them, before they are sent where it was aborted by then. It keeps count of what is asked of it.
 */
export class MemorySources implements SourceReader {
  /** Runs ahead of every read that began; may wait, or throw in S3's stead. */
  beforeRead: (call: ReadCall, nth: number) => Promise<void> | void = () => undefined;
  readonly reads: ReadCall[] = [];
  readonly described: string[] = [];
  openReads = 0;
  mostOpenReads = 0;
  readonly #stored = new Map<string, Stored>();

  /** Puts an object, in place of one that may be there. `keepsCrc32`: whether S3 can tell its CRC-32. */
  put(key: string, content: Uint8Array | string, options: { keepsCrc32?: boolean } = {}): SourceObject {
    const bytes = Buffer.from(content);
    const object: SourceObject = {
      key,
      sizeBytes: bytes.length,
      mtimeEpochSeconds: 1_700_000_001,
      etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
      versionId: undefined,
      isArchived: false,
      crc32: options.keepsCrc32 === false ? "not kept" : crc32(bytes),
    };
    this.#stored.set(key, { bytes, object });
    return object;
  }

  /** Other bytes under the same ETag, as if a disk or a wire had lied. */
  corrupt(key: string, content: Uint8Array): void {
    const stored = this.#stored.get(key);
    if (stored === undefined) throw new Error(`There is no ${key}`);
    stored.bytes = content;
  }

  async *list(_bucket: string, prefix: string): AsyncGenerator<readonly SourceObject[]> {
    const objects = [...this.#stored.values()].map(({ object }) => object);
    yield objects
      .filter(({ key }) => key.startsWith(prefix))
      .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
      .map((object) => ({ ...object, crc32: "not told" }));
  }

  async describe(_bucket: string, key: string, signal?: AbortSignal): Promise<SourceObject | undefined> {
    signal?.throwIfAborted();
    this.described.push(key);
    await nextTurn(signal);
    return this.#stored.get(key)?.object;
  }

  async describePinned(source: PinnedSource, signal?: AbortSignal): Promise<SourceObject> {
    signal?.throwIfAborted();
    this.described.push(source.key);
    await nextTurn(signal);
    return this.#pinned(source).object;
  }

  async read(source: PinnedSource, range: SourceRange, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const call = { key: source.key, range, signal };
    const nth = this.reads.push(call);
    this.openReads += 1;
    this.mostOpenReads = Math.max(this.mostOpenReads, this.openReads);
    try {
      await nextTurn(signal);
      await this.beforeRead(call, nth);
      await nextTurn(signal);
      return Uint8Array.from(this.#pinned(source).bytes.subarray(range.start, range.end));
    } finally {
      this.openReads -= 1;
    }
  }

  #pinned({ key, pin }: PinnedSource): Stored {
    const stored = this.#stored.get(key);
    const isThatOne = stored !== undefined && JSON.stringify(pinOf(stored.object)) === JSON.stringify(pin);
    if (!isThatOne) throw new BallError("source-changed", `${key} is another object now`);
    return stored;
  }
}

async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
