import { DiscardingSink } from "../discarding-sink.ts";

/** Time and CPU time (user and system, of all threads) at a moment, in seconds. */
export interface Clocks {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

export function readClocks(): Clocks {
  const { user, system } = process.cpuUsage();
  return { wallSeconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** A sink that looks at the clocks when the first chunk comes, and when half of what is to come is there. */
export class MeasuringSink extends DiscardingSink {
  first: Clocks | undefined;
  half: Clocks | undefined;
  readonly #halfBytes: number;

  constructor(expectedBytes: number) {
    super();
    this.#halfBytes = expectedBytes / 2;
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    this.first ??= readClocks();
    super._write(chunk, encoding, done);
    if (this.half === undefined && this.lengthBytes >= this.#halfBytes) this.half = readClocks();
  }
}
