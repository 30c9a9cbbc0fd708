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
  /** Failures behind which reading goes on: in place of what has failed so, the next thing is begun. */
  readonly goesOnAfter: (error: unknown) => boolean;
}

/**
 * Does things ahead of their turn and hands their results over in order, the first when all that was begun with it, of
 * what uses a connection, is done or has failed: before anything goes out, it is known of so many that they can be had.
 *
 * The window is bounded by bytes reserved before anything is asked for, and concurrency by connections, never by
 * places in the queue: one slow object then holds nothing back but its own bytes. A reservation ends when the next
 * result is asked for, so a slow reader slows down everything behind it. When the reader stops, or the turn of a
 * failure has come, nothing more is started; what is under way is for the caller to abort.
 */
export async function* readAhead<Result>(
  things: Iterable<Ahead<Result>>,
  limits: ReadAheadLimits,
): AsyncGenerator<Result, void, undefined> {
  const queue = new AheadQueue(things, limits);
  try {
    await queue.untilFirstAreDone();
    for (let first = queue.first(); first !== undefined; first = queue.first()) {
      yield await first.result;
      queue.removeFirst();
    }
  } catch (error) {
    // Whoever goes on without what failed so wants to know of all that does.
    if (limits.goesOnAfter(error)) await queue.untilDone(Number.POSITIVE_INFINITY);
    throw error;
  } finally {
    queue.close();
  }
}

interface Started<Result> {
  readonly reservedBytes: number;
  readonly usesConnection: boolean;
  readonly result: Promise<Result>;
  /** Resolves when it is done or has failed: whether it keeps its place, or another was begun for it. */
  readonly keepsPlace: Promise<boolean>;
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

  /** Begins as much as there is room for, and waits until as many of what uses a connection keep their place. */
  async untilFirstAreDone(): Promise<void> {
    this.#fill();
    await this.untilDone(this.#openConnections);
  }

  /** Waits until so many of what was begun and uses a connection keep their place, or all of it is done. */
  async untilDone(count: number): Promise<void> {
    let left = count;
    // What is begun in place of others comes in at the end.
    for (const { usesConnection, keepsPlace } of this.#started) {
      if (left === 0) return;
      if (usesConnection && (await keepsPlace)) left -= 1;
    }
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
    const result = run();
    // A failure is told when its turn comes; until then nobody waits for it.
    const isKept = result.then(
      () => true,
      (error: unknown) => !this.#limits.goesOnAfter(error),
    );
    const keepsPlace = isKept.then((keeps) => {
      if (!keeps) this.#reservedBytes -= reservedBytes;
      if (usesConnection) this.#openConnections -= 1;
      if (usesConnection || !keeps) this.#fill();
      return keeps;
    });
    this.#started.push({ reservedBytes, usesConnection, result, keepsPlace });
  }

  #advance(): void {
    const { value } = this.#source.next();
    this.#next = value ?? undefined;
  }
}
