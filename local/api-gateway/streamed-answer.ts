import type { IncomingMessage, ServerResponse } from "node:http";
import { setHeaders } from "./function-headers.ts";
import { type Prelude, PreludeReader } from "./prelude.ts";
import type { ByteSink } from "./response-stream.ts";

/** AWS's own caps on a streamed response; unset: none. */
export interface StreamCaps {
  /** Bytes one response may carry (Lambda: 200 MB); a longer one is broken off. */
  readonly maxBytes?: number;
  /** Bytes a second after the first `uncappedBytes` (Lambda: 2 MB/s after 6 MB). */
  readonly bytesPerSecond?: number;
  readonly uncappedBytes?: number;
}

type Done = (error?: Error | null) => void;

/**
 * The gateway's end of a response stream: takes the prelude off and sends the rest as the HTTP body. It keeps no
 * bytes back: a client that does not read makes `done` wait, and so the function.
 *
 * A body that is longer or shorter than the Content-Length of its prelude is an error of the stream, and whoever
 * owns the connection must break it.
 */
export class StreamedAnswer implements ByteSink {
  readonly #response: ServerResponse;
  readonly #isHead: boolean;
  readonly #caps: StreamCaps;
  readonly #preludeReader = new PreludeReader();
  #prelude: Prelude | undefined;
  #promisedLength: number | undefined;
  #sentLength = 0;
  #cappedSince: number | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, caps: StreamCaps) {
    this.#response = response;
    this.#isHead = request.method === "HEAD";
    this.#caps = caps;
  }

  write(bytes: Buffer, done: Done): void {
    try {
      const body = this.#prelude === undefined ? this.#takePrelude(bytes) : bytes;
      if (body === undefined || body.length === 0 || this.#isBodiless()) done();
      else this.#send(body, done);
    } catch (error) {
      done(asError(error));
    }
  }

  end(done: Done): void {
    const promised = this.#promisedLength;
    if (this.#prelude === undefined) {
      done(new Error("The stream ended before its prelude: end() sends none, only write() does"));
    } else if (!this.#isBodiless() && promised !== undefined && this.#sentLength < promised) {
      done(new Error(`The body ended after ${this.#sentLength} of the ${promised} bytes promised`));
    } else {
      this.#response.end(() => done());
    }
  }

  #takePrelude(bytes: Buffer): Buffer | undefined {
    const found = this.#preludeReader.push(bytes);
    if (found === undefined) return undefined;
    this.#prelude = found.prelude;
    this.#promisedLength = contentLengthOf(found.prelude);
    setHeaders(this.#response, found.prelude.headers);
    this.#response.writeHead(found.prelude.statusCode);
    return found.body;
  }

  /** Whether the bytes a function writes are dropped: such answers have headers only (RFC 9110 section 6.4.1). */
  #isBodiless(): boolean {
    return this.#isHead || this.#prelude?.statusCode === 304 || this.#prelude?.statusCode === 204;
  }

  #send(body: Buffer, done: Done): void {
    this.#sentLength += body.length;
    const limit = Math.min(this.#promisedLength ?? Infinity, this.#caps.maxBytes ?? Infinity);
    if (this.#sentLength > limit) throw new Error(`The body is longer than the ${limit} bytes it may have`);
    const paced = () => setTimeout(done, this.#delayMs());
    const next = this.#caps.bytesPerSecond === undefined ? done : paced;
    if (this.#response.write(body)) next();
    else this.#whenDrained(next);
  }

  /** Also when the client leaves: the write in flight must come back, or the function would wait for ever. */
  #whenDrained(done: Done): void {
    const settle = () => {
      this.#response.off("drain", settle).off("close", settle);
      done(this.#response.destroyed ? new Error("The client left") : null);
    };
    this.#response.on("drain", settle).on("close", settle);
  }

  #delayMs(): number {
    const capped = this.#sentLength - (this.#caps.uncappedBytes ?? 0);
    if (capped <= 0 || this.#caps.bytesPerSecond === undefined) return 0;
    this.#cappedSince ??= Date.now();
    return (capped / this.#caps.bytesPerSecond) * 1000 - (Date.now() - this.#cappedSince);
  }
}

function contentLengthOf(prelude: Prelude): number | undefined {
  const line = prelude.headers.find(({ name }) => name.toLowerCase() === "content-length");
  const text = line?.values[0];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`Content-Length is no number: ${text}`);
  return Number(text);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
