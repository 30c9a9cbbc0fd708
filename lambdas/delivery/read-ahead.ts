/** One thing to be done ahead of its turn: what memory it takes, whether it uses a connection, and how it is done. */
export interface Ahead<Result> {
  readonly reservedBytes: number;
  readonly usesConnection: boolean;
  readonly run: () => Promise<Result>;
}

/** How far reading ahead may go. */
export interface ReadAheadLimits {
  /** Bytes reserved by what is under way or waits for its turn. */
  readonly windowBytes: number;
  /** Things that use a connection at a time. */
  readonly connections: number;
}

/**
 * Does things ahead of their turn and hands their results over in order.
 *
 * The window is bounded by bytes reserved before anything is asked for, and concurrency by connections, never by
 * places in the queue: one slow object then holds nothing back but its own bytes. A reservation ends when the next
 * result is asked for, so a slow reader slows down everything behind it. When the reader stops, or a result is a
 * failure, nothing more is started; what is under way is for the caller to abort.
 */
export async function* readAhead<Result>(
  things: Iterable<Ahead<Result>>,
  limits: ReadAheadLimits,
): AsyncGenerator<Result, void, undefined> {
  const queue = new AheadQueue(things, limits);
  try {
    for (let first = queue.first(); first !== undefined; first = queue.first()) {
      yield await first.result;
      queue.removeFirst();
    }
  } finally {
    queue.close();
  }
}

interface Started<Result> {
  readonly reservedBytes: number;
  readonly result: Promise<Result>;
}

class AheadQueue<Result> {
  readonly #source: Iterator<Ahead<Result>, void, undefined>;
  readonly #limits: ReadAheadLimits;
  /** A ring would save moving; at some thousand places that is not measurable. */
  readonly #started: Started<Result>[] = [];
  #next: Ahead<Result> | undefined;
  #reservedBytes = 0;
  #openConnections = 0;

  constructor(things: Iterable<Ahead<Result>>, limits: ReadAheadLimits) {
    this.#source = things[Symbol.iterator]();
    this.#limits = limits;
    this.#advance();
  }

  /** What comes next, started; undefined at the end. */
  first(): Started<Result> | undefined {
    this.#fill();
    return this.#started[0];
  }

  removeFirst(): void {
    this.#reservedBytes -= this.#started.shift()?.reservedBytes ?? 0;
  }

  /** Starts nothing any more. */
  close(): void {
    this.#next = undefined;
  }

  #fill(): void {
    for (let next = this.#next; next !== undefined && this.#hasRoomFor(next); next = this.#next) {
      this.#advance();
      this.#start(next);
    }
  }

  /** With nothing started there is always room, so that something larger than the window comes through alone. */
  #hasRoomFor({ reservedBytes, usesConnection }: Ahead<Result>): boolean {
    if (this.#started.length === 0) return true;
    if (usesConnection && this.#openConnections >= this.#limits.connections) return false;
    return this.#reservedBytes + reservedBytes <= this.#limits.windowBytes;
  }

  #start({ reservedBytes, usesConnection, run }: Ahead<Result>): void {
    this.#reservedBytes += reservedBytes;
    if (usesConnection) this.#openConnections += 1;
    const result = run().finally(() => {
      if (!usesConnection) return;
      this.#openConnections -= 1;
      this.#fill();
    });
    // A failure is told when its turn comes; until then nobody waits for it.
    result.catch(() => undefined);
    this.#started.push({ reservedBytes, result });
  }

  #advance(): void {
    const { value } = this.#source.next();
    this.#next = value ?? undefined;
  }
}
