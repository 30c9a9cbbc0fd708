import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { BodyStore } from "./body-store.ts";
import type { Extent } from "./content-table.ts";

/** Bytes of an object about to be sent: at hand when they are few, else read while they are sent. */
export type OpenContent = Buffer | ContentStream;

const readBytes = 128 * 1024;
/** Reading so few at once costs a tenth of what the thread pool costs. */
export const fewBytes = 64 * 1024;
const mostIdleBuffers = 32;

/**
 * Opens extents in the same turn in which they were looked up, so that a deletion can not come between.
 * A ContentStream must be sent: only then it lets go of its bodies.
 */
export function openContent(bodies: BodyStore, extents: readonly Extent[]): OpenContent {
  const [first, ...more] = extents;
  if (first === undefined) return Buffer.alloc(0);
  if (more.length === 0 && first.length <= fewBytes) return readAtOnce(bodies.pathOf(first.bodyId), first);
  return new ContentStream(bodies, extents);
}

/** Sends extents one after the other with one buffer, which is filled again when the system has taken it over. */
export class ContentStream {
  readonly length: number;
  readonly #bodies: BodyStore;
  readonly #extents: readonly Extent[];
  readonly #unpin: () => void;

  constructor(bodies: BodyStore, extents: readonly Extent[]) {
    this.length = extents.reduce((sum, extent) => sum + extent.length, 0);
    this.#bodies = bodies;
    this.#extents = extents;
    this.#unpin = bodies.pin([...new Set(extents.map((extent) => extent.bodyId))]);
  }

  /** Writes all bytes, no faster than they are taken. Throws: when the client leaves or a file cannot be read. */
  async sendTo(response: ServerResponse): Promise<void> {
    const buffer = idleBuffers.pop() ?? Buffer.allocUnsafeSlow(readBytes);
    const client = new Client(response);
    try {
      for (const extent of this.#extents) {
        await readThrough(this.#bodies.pathOf(extent.bodyId), extent, buffer, (bytes) => client.take(bytes));
      }
      // After a failure the socket may still hold the buffer, so only a good end gives it back.
      if (idleBuffers.length < mostIdleBuffers) idleBuffers.push(buffer);
    } finally {
      this.#unpin();
    }
  }
}

const idleBuffers: Buffer[] = [];

/** All of a short extent. */
export function readAtOnce(path: string, { offset, length }: Extent): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const file = openSync(path, "r");
  try {
    if (readSync(file, bytes, 0, length, offset) !== length) throw shortBody();
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** Hands out an extent piece by piece, in one buffer: the next piece is read when the one before was taken. */
export async function readThrough(
  path: string,
  { offset, length }: Extent,
  buffer: Buffer,
  take: (bytes: Buffer) => Promise<void> | void,
): Promise<void> {
  const file = await open(path, "r");
  try {
    for (let taken = 0; taken < length; ) {
      const wanted = Math.min(buffer.length, length - taken);
      const { bytesRead } = await file.read(buffer, 0, wanted, offset + taken);
      if (bytesRead === 0) throw shortBody();
      await take(buffer.subarray(0, bytesRead));
      taken += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/**
 * Who is sent a body. Of what is written to a connection that the client has closed on his side, Node says nothing any
 * more, neither that it went nor that it did not: only the end of the response tells that.
 */
class Client {
  readonly #response: ServerResponse;
  #giveUp: ((error: Error) => void) | undefined;

  constructor(response: ServerResponse) {
    this.#response = response.once("close", () => this.#giveUp?.(new Error("The client left.")));
  }

  /** Resolves when the system has the bytes. Rejects when the client leaves. */
  take(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#response.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function shortBody(): Error {
  return new Error("A body's file is shorter than the database says.");
}
