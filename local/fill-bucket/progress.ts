import cliProgress from "cli-progress";

/** Where filling the bucket tells how far it is. */
export interface Progress {
  start(count: number, bytes: number): void;
  advance(bytes: number, outcome: "sent" | "kept"): void;
  /** `what` as it may be shown: a file name may hold control characters. */
  skip(what: string, why: string): void;
  /** The last word, also when the rest was given up. */
  stop(): void;
}

/** A bar when someone looks on, plain lines for a log. `label` names what is uploaded. */
export function progressOn(stream: NodeJS.WriteStream, label: string): Progress {
  return stream.isTTY ? new Bar(stream, label) : new Lines(stream, label);
}

/** For tests, and whoever wants to hear nothing. */
export const silentProgress: Progress = { start() {}, advance() {}, skip() {}, stop() {} };

class Bar implements Progress {
  readonly #bar: cliProgress.SingleBar;
  readonly #stream: NodeJS.WriteStream;
  #sentBytes = 0;
  #skipped: string[] = [];

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#stream = stream;
    this.#bar = new cliProgress.SingleBar(
      {
        stream,
        format: (options, params, payload) =>
          `${label} ${cliProgress.Format.BarFormat(params.progress, options)} ${params.value}/${params.total} files, ${megabytes(Number(payload.bytes))}`,
        hideCursor: true,
      },
      cliProgress.Presets.shades_classic,
    );
  }

  start(count: number): void {
    for (const line of this.#skipped) this.#stream.write(`${line}\n`);
    this.#bar.start(count, 0, { bytes: 0 });
  }

  advance(bytes: number): void {
    this.#sentBytes += bytes;
    this.#bar.increment(1, { bytes: this.#sentBytes });
  }

  /** Kept until the bar begins: the walk comes first, and lines between would tear the bar. */
  skip(what: string, why: string): void {
    this.#skipped.push(skipLine(what, why));
  }

  stop(): void {
    this.#bar.stop();
  }
}

class Lines implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #label: string;
  #total = 0;
  #done = 0;
  #kept = 0;
  #tenths = 0;

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#stream = stream;
    this.#label = label;
  }

  start(count: number, bytes: number): void {
    this.#total = count;
    this.#stream.write(`${this.#label}: ${count} files, ${megabytes(bytes)}\n`);
  }

  advance(_bytes: number, outcome: "sent" | "kept"): void {
    this.#done += 1;
    if (outcome === "kept") this.#kept += 1;
    const tenths = Math.floor((this.#done * 10) / this.#total);
    if (tenths === this.#tenths || tenths === 10) return;
    this.#tenths = tenths;
    this.#stream.write(`${this.#label}: ${this.#done}/${this.#total}\n`);
  }

  skip(what: string, why: string): void {
    this.#stream.write(`${skipLine(what, why)}\n`);
  }

  stop(): void {
    if (this.#done < this.#total) return;
    this.#stream.write(`${this.#label}: done, ${this.#kept} of ${this.#total} were there already\n`);
  }
}

const skipLine = (what: string, why: string): string => `Left out ${what}: ${why}`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
