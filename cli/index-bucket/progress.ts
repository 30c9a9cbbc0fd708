import cliProgress from "cli-progress";
import type { IndexedPage } from "../../lambdas/catalog/index-listing.ts";

/** Where indexing tells how far it is; how much there is nobody knows before the end. */
export interface Progress {
  /** `after`: the key behind which it goes on, where it was stopped before. */
  start(after: string | undefined): void;
  advance(page: IndexedPage): void;
  /** The last word. */
  stop(isDone: boolean): void;
}

/** A line that changes when someone looks on, lines for a log. `label` names what is indexed. */
export function progressOn(stream: NodeJS.WriteStream, label: string): Progress {
  const totals = new Totals();
  const live = stream.isTTY ? new LiveLine(stream, label) : new Lines(stream, label);
  return {
    start(after) {
      if (after !== undefined) stream.write(`${label}: goes on behind ${JSON.stringify(after)}\n`);
      live.start();
    },
    advance(page) {
      totals.add(page);
      live.show(totals);
    },
    stop(isDone) {
      live.end();
      const outcome = isDone ? "done" : "stopped; the same command goes on from here";
      stream.write(`${label}: ${totals.text()}; ${outcome}\n`);
    },
  };
}

class Totals {
  objectCount = 0;
  versionCount = 0;
  newCount = 0;
  readonly #startedAt = performance.now();

  add({ objectCount, versionCount, newCount }: IndexedPage): void {
    this.objectCount += objectCount;
    this.versionCount += versionCount;
    this.newCount += newCount;
  }

  text(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = Math.round(this.objectCount / Math.max(seconds, 0.001));
    return `${this.objectCount} objects, ${this.versionCount} versions, ${this.newCount} new (${rate} objects/s)`;
  }
}

class LiveLine {
  readonly #bar: cliProgress.SingleBar;

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#bar = new cliProgress.SingleBar({
      stream,
      format: (_options, _params, payload) => `${label}: ${payload.text}`,
      hideCursor: true,
      clearOnComplete: true,
    });
  }

  start(): void {
    this.#bar.start(Number.MAX_SAFE_INTEGER, 0, { text: "listing" });
  }

  show(totals: Totals): void {
    this.#bar.update(totals.objectCount, { text: totals.text() });
  }

  end(): void {
    this.#bar.stop();
  }
}

/** A log needs no more than a line for so many objects. */
const objectsPerLine = 10_000;

class Lines {
  readonly #stream: NodeJS.WriteStream;
  readonly #label: string;
  #lines = 0;

  constructor(stream: NodeJS.WriteStream, label: string) {
    this.#stream = stream;
    this.#label = label;
  }

  start(): void {}

  show(totals: Totals): void {
    const lines = Math.floor(totals.objectCount / objectsPerLine);
    if (lines === this.#lines) return;
    this.#lines = lines;
    this.#stream.write(`${this.#label}: ${totals.text()}\n`);
  }

  end(): void {}
}
