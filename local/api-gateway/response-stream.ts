import { Writable } from "node:stream";
import { markStreamed } from "./lambda-function.ts";

/** Where the bytes of a response stream go. `done` is called when there is room for more, or with what failed. */
export interface ByteSink {
  write(bytes: Buffer, done: (error?: Error | null) => void): void;
  end(done: (error?: Error | null) => void): void;
}

/**
 * The `responseStream` of a streaming function, with the managed runtime's ways, kinks included:
 * - `HttpResponseStream.from` announces a prelude that only a `write()` sends: `end(bytes)` without one loses it;
 * - anything but text and bytes is written as JSON;
 * - the content type can be set before the first write only.
 *
 * Source: aws-lambda-ric 4, response stream.
 */
export class ResponseStream extends Writable {
  /** What the runtime runs ahead of the first `write()`; `HttpResponseStream.from` sets it. */
  _onBeforeFirstWrite: ((write: (bytes: string | Uint8Array) => void) => void) | undefined;
  readonly #sink: ByteSink;
  #isWritten = false;

  constructor(sink: ByteSink) {
    super({ highWaterMark: responseStreamHighWaterMark });
    this.#sink = sink;
  }

  /** The type says whether a prelude comes first; without one API Gateway has no answer to send, so it is not kept. */
  setContentType(_contentType: string): void {
    if (this.#isWritten) throw new Error("Cannot set content-type, too late.");
  }

  override write(chunk: unknown, encoding?: BufferEncoding | WriteDone, callback?: WriteDone): boolean {
    if (!this.#isWritten) {
      this.#isWritten = true;
      this._onBeforeFirstWrite?.((bytes) => super.write(bytes));
    }
    const data = typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
    if (typeof encoding === "string") return super.write(data, encoding, callback);
    return super.write(data, encoding ?? callback);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sink.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sink.end(done);
  }
}

/**
 * The face of a response stream that a handler gets: the managed runtime hands out no Writable but an object with
 * some of its methods and properties. What is missing there is missing here, so that nobody comes to rely on it.
 */
export function asRuntimeShows(stream: ResponseStream): ResponseStream {
  return new Proxy(stream, {
    get(target, name) {
      if (typeof name !== "string" || !runtimeSurface.has(name)) return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" && name !== "_onBeforeFirstWrite" ? value.bind(target) : value;
    },
    set: (target, name, value) => name === "_onBeforeFirstWrite" && Reflect.set(target, name, value, target),
    has: (_target, name) => typeof name === "string" && runtimeSurface.has(name),
    getPrototypeOf: () => Object.prototype,
  });
}

/** Puts `awslambda` into the global scope, as the managed runtime does before it loads a function's module. */
export function installLambdaGlobal(): void {
  Object.assign(globalThis, { awslambda: { streamifyResponse: markStreamed, HttpResponseStream: { from } } });
}

/** NUL bytes between the prelude and the body. */
export const preludeDelimiterLength = 8;

function from(stream: ResponseStream, prelude: unknown): ResponseStream {
  stream.setContentType(preludeContentType);
  const text = JSON.stringify(prelude);
  stream._onBeforeFirstWrite = (write) => {
    write(text);
    write(new Uint8Array(preludeDelimiterLength));
  };
  return stream;
}

/** By this type API Gateway and function URLs know that a prelude comes first. */
const preludeContentType = "application/vnd.awslambda.http-integration-response";

type WriteDone = (error: Error | null | undefined) => void;

/** A socket's own default, which is what the managed runtime's stream writes into. */
const responseStreamHighWaterMark = 64 * 1024;

const runtimeSurface: ReadonlySet<string> = new Set([
  ...["write", "end", "destroy", "cork", "uncork", "setContentType", "_onBeforeFirstWrite"],
  ...["on", "once", "off", "addListener", "removeListener", "removeAllListeners", "prependListener"],
  ...["prependOnceListener", "emit", "listeners", "rawListeners", "listenerCount", "eventNames"],
  ...["setMaxListeners", "getMaxListeners", "destroyed", "writable", "writableFinished", "writableEnded"],
  ...["writableNeedDrain", "writableHighWaterMark", "writableCorked", "writableLength", "writableObjectMode"],
]);
