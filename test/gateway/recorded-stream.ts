import {
  asRuntimeShows,
  installLambdaGlobal,
  ResponseStream,
} from "../../local/api-gateway/response-stream.ts";

installLambdaGlobal();

type Done = (error?: Error | null) => void;

/** A response stream as a function gets it, and what became of it. */
export class RecordedStream {
  readonly chunks: Buffer[] = [];
  isEnded = false;
  /** Called with every chunk; its write is done when what it returns is. */
  onWrite: (chunk: Buffer) => Promise<void> | void = () => undefined;
  readonly #stream: ResponseStream;

  constructor() {
    this.#stream = new ResponseStream({
      write: (bytes, done) => {
        this.chunks.push(Buffer.from(bytes));
        Promise.resolve(this.onWrite(bytes)).then(() => done(), done);
      },
      end: (done: Done) => {
        this.isEnded = true;
        done();
      },
    });
    this.#stream.on("error", () => undefined);
  }

  get shown(): ResponseStream {
    return asRuntimeShows(this.#stream);
  }

  get isDestroyed(): boolean {
    return this.#stream.destroyed;
  }

  /** As the host does when the reader leaves. */
  leave(): void {
    this.#stream.destroy();
  }

  /** Status and headers, as far as they have been written. */
  get prelude(): unknown {
    const bytes = Buffer.concat(this.chunks);
    const end = bytes.indexOf(Buffer.alloc(8));
    return end < 0 ? undefined : JSON.parse(bytes.subarray(0, end).toString());
  }

  get body(): Buffer {
    const bytes = Buffer.concat(this.chunks);
    const end = bytes.indexOf(Buffer.alloc(8));
    return end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 8);
  }
}
