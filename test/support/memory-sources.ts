import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { BallError } from "../../lambdas/ball/errors.ts";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type {
  PartCrc32,
  PinnedSource,
  SourceObject,
  SourceRange,
  SourceRead,
  SourceReader,
} from "../../lambdas/ball/source.ts";
import { MemoryRead } from "./memory-read.ts";

/** One call of a reader's `read`, as it began. */
export interface ReadCall {
  readonly key: string;
  readonly range: SourceRange;
  readonly signal: AbortSignal | undefined;
}

interface Stored {
  bytes: Uint8Array;
  readonly object: SourceObject;
  readonly parts: readonly PartCrc32[] | undefined;
}

export interface PutOptions {
  /** Whether S3 can tell its CRC-32, or that of its parts; it can unless this is false. */
  readonly keepsCrc32?: boolean;
  /** Uploaded in parts of so many bytes, of which S3 keeps the CRC-32s. */
  readonly partBytes?: number;
  /** In a bucket that keeps versions: those before stay. */
  readonly versionId?: string;
}

/**
 * Source objects in memory, with the manners of S3: pins are honoured, reads answer later, and an aborted signal
 * ends them, before they are sent where it was aborted by then. It keeps count of what is asked of it.
 */
export class MemorySources implements SourceReader {
  /** Runs ahead of the answer to every read that began; may wait, or throw in S3's stead. */
  beforeRead: (call: ReadCall, nth: number) => Promise<void> | void = () => undefined;
  /** Runs ahead of every chunk of a body, at its offset in what was asked for, behind the answer; as beforeRead does. */
  beforeChunk: (call: ReadCall, offset: number) => Promise<void> | void = () => undefined;
  /** Bodies come in chunks of so many bytes; all that a read may hold come at once, unless beforeChunk waits. */
  chunkBytes = 64 * 1024;
  /** How far away they seem. */
  latencyMs: number | undefined;
  readonly reads: ReadCall[] = [];
  readonly described: string[] = [];
  openReads = 0;
  mostOpenReads = 0;
  /** Bytes that came and are not done with. */
  heldBytes = 0;
  mostHeldBytes = 0;
  readonly askedForParts: string[] = [];
  /** Versions of each key, the newest last. */
  readonly #stored = new Map<string, readonly Stored[]>();

  /** Puts an object, in place of one that may be there, or above its versions. */
  put(key: string, content: Uint8Array | string, options: PutOptions = {}): SourceObject {
    const bytes = Buffer.from(content);
    const { keepsCrc32 = true, partBytes, versionId } = options;
    const md5 = createHash("md5").update(bytes).digest("hex");
    const keptCrc32 = partBytes === undefined ? crc32(bytes) : "in parts";
    const object: SourceObject = {
      key,
      sizeBytes: bytes.length,
      mtimeEpochSeconds: 1_700_000_001,
      etag: `"${md5}"`,
      versionId,
      isArchived: false,
      crc32: keepsCrc32 ? keptCrc32 : "not kept",
      ...(partBytes === undefined ? { md5 } : {}),
    };
    const parts = partBytes === undefined ? undefined : partsOf(bytes, partBytes);
    const before = versionId === undefined ? [] : (this.#stored.get(key) ?? []);
    this.#stored.set(key, [...before, { bytes, object, parts }]);
    return object;
  }

  /** Other bytes under the same ETag, as if a disk or a wire had lied. */
  corrupt(key: string, content: Uint8Array): void {
    const stored = this.#stored.get(key)?.at(-1);
    if (stored === undefined) throw new Error(`There is no ${key}`);
    stored.bytes = content;
  }

  async *list(_bucket: string, prefix: string): AsyncGenerator<readonly SourceObject[]> {
    const objects = [...this.#stored.values()]
      .flatMap((versions) => versions.slice(-1))
      .map(({ object }) => object);
    yield objects
      .filter(({ key }) => key.startsWith(prefix))
      .sort((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)))
      .map((object) => ({ ...object, versionId: undefined, crc32: "not told" }));
  }

  async describe(_bucket: string, key: string, signal?: AbortSignal): Promise<SourceObject | undefined> {
    signal?.throwIfAborted();
    this.described.push(key);
    await nextTurn(signal);
    return this.#stored.get(key)?.at(-1)?.object;
  }

  async describePinned(source: PinnedSource, signal?: AbortSignal): Promise<SourceObject> {
    signal?.throwIfAborted();
    this.described.push(source.key);
    await nextTurn(signal);
    return this.#pinned(source).object;
  }

  async partCrc32s(source: PinnedSource, signal?: AbortSignal): Promise<readonly PartCrc32[] | undefined> {
    signal?.throwIfAborted();
    this.askedForParts.push(source.key);
    await nextTurn(signal);
    return this.#pinned(source).parts;
  }

  read(source: PinnedSource, range: SourceRange, signal?: AbortSignal): SourceRead {
    const call = { key: source.key, range, signal };
    // What was aborted by then is not sent.
    const nth = signal?.aborted === true ? 0 : this.reads.push(call);
    this.openReads += 1;
    this.mostOpenReads = Math.max(this.mostOpenReads, this.openReads);
    const read = new MemoryRead({
      answer: () => this.#answer(source, call, nth),
      chunkBytes: this.chunkBytes,
      beforeChunk: (offset) => this.beforeChunk(call, offset),
      signal,
      holds: (bytes) => {
        this.heldBytes += bytes;
        this.mostHeldBytes = Math.max(this.mostHeldBytes, this.heldBytes);
      },
    });
    const free = () => {
      this.openReads -= 1;
    };
    read.ended.then(free, free);
    return read;
  }

  firstByteMs(): number | undefined {
    return this.latencyMs;
  }

  async #answer(source: PinnedSource, call: ReadCall, nth: number): Promise<Uint8Array> {
    await nextTurn(call.signal);
    await this.beforeRead(call, nth);
    await nextTurn(call.signal);
    return this.#pinned(source).bytes.subarray(call.range.start, call.range.end);
  }

  #pinned({ key, pin }: PinnedSource): Stored {
    const versions = this.#stored.get(key) ?? [];
    const readable = pin.kind === "etag" ? versions.slice(-1) : versions;
    const pinned = readable.find(({ object }) => JSON.stringify(pinOf(object)) === JSON.stringify(pin));
    if (pinned === undefined) throw new BallError("source-changed", `${key} is another object now`);
    return pinned;
  }
}

function partsOf(bytes: Buffer, partBytes: number): PartCrc32[] {
  return Array.from({ length: Math.ceil(bytes.length / partBytes) }, (_, part) => {
    const body = bytes.subarray(part * partBytes, (part + 1) * partBytes);
    return { sizeBytes: body.length, crc32: crc32(body) };
  });
}

async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
