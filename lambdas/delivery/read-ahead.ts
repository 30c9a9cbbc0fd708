import type { SourceRead } from "../ball/source.ts";
import { FirstAnswers } from "./first-answers.ts";

/** Something under way whose bytes go out when its turn comes: a read, or what gives its bytes as one does. */
export type Begun = SourceRead;

/** One thing to be begun ahead of its turn. */
export interface Ahead<Thing> {
  readonly thing: Thing;
  /** Most bytes of memory it takes. */
  readonly reservedBytes: number;
  /** Bytes that it gives. */
  readonly lengthBytes: number;
  readonly usesConnection: boolean;
  readonly begin: () => Begun;
}

/** How far reading ahead may go. */
export interface ReadAheadLimits {
  /** Bytes that were asked for and are not written yet, of which no more are in memory: asked anew each time. */
  readonly windowBytes: () => number;
  /** Things that use a connection at a time, once so many have used one: asked anew each time one is to begin. */
  readonly connections: (endedCount: number) => number;
  /** Failures behind which reading goes on: in place of what has failed so, the next thing is begun. */
  readonly goesOnAfter: (error: unknown) => boolean;
}

interface Started<Thing> extends Ahead<Thing> {
  readonly begun: Begun;
  /** What it takes of the window beside the bytes that it gives. */
  readonly extraBytes: number;
  /** Bytes that it gives and that are not written yet. */
  leftBytes: number;
}

/**
 * Begins things ahead of their turn and hands them out in order.
 *
 * The window is bounded by bytes reserved before anything is asked for, and concurrency by connections, never by
 * places in the queue: one slow object then holds nothing back but its own bytes. Bytes leave the window when they have
 * been written, so a slow reader slows down everything behind it. A thing longer than what it takes of memory (a body that
 * pauses) counts with all its bytes once it has begun, so that nothing is opened long before it is read.
 */
export class ReadAhead<Thing> {
  readonly #source: Iterator<Ahead<Thing>, void, undefined>;
  readonly #limits: ReadAheadLimits;
  /** A ring would save moving; at some thousand places that is not measurable. */
  readonly #started: Started<Thing>[] = [];
  readonly #answers = new FirstAnswers();
  #next: Ahead<Thing> | undefined;
  #aheadBytes = 0;
  /** Bytes among them of things that were removed. */
  #unwrittenBytes = 0;
  #openConnections = 0;
  #endedCount = 0;
  /** Whether nothing is to begin but in place of what has failed. */
  #isHeld = false;

  constructor(things: Iterable<Ahead<Thing>>, limits: ReadAheadLimits) {
    this.#source = things[Symbol.iterator]();
    this.#limits = limits;
    this.#advance();
  }

  /**
   * Begins as much as there is room for, and waits until nearly all of it that uses a connection is answered: so it is known
   * of many things that they can be had before anything goes out. Nothing else begins until only stragglers are missing:
   * it would delay the first byte.
   */
  async untilFirstAnswered(): Promise<void> {
    this.#fill();
    this.#isHeld = true;
    await this.#answers.untilNearly(this.#openConnections, () => this.#goOn());
    this.#isHeld = false;
  }

  #goOn(): void {
    this.#isHeld = false;
    this.#fill();
  }

  /** Waits until it is known of all that has begun whether it can be had. */
  async untilAllAnswered(): Promise<void> {
    await this.#answers.untilAll();
  }

  /** Whose turn it is; undefined at the end. */
  first(): { readonly thing: Thing; readonly begun: Begun } | undefined {
    if (this.#started[0]?.begun.isReady !== true) this.#fill();
    return this.#started[0];
  }

  /** The first has given all its bytes. */
  removeFirst(): void {
    const first = this.#started.shift();
    this.#aheadBytes -= first?.extraBytes ?? 0;
    this.#unwrittenBytes += first?.leftBytes ?? 0;
  }

  /** So many of the bytes that were given have been written. */
  release(bytes: number): void {
    const ofRemoved = Math.min(bytes, this.#unwrittenBytes);
    this.#unwrittenBytes -= ofRemoved;
    this.#aheadBytes -= ofRemoved;
    const [first] = this.#started;
    if (first !== undefined) this.#forget(first, bytes - ofRemoved);
    this.#fill();
  }

  /** Begins nothing any more. */
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
  #hasRoomFor({ reservedBytes, usesConnection }: Ahead<Thing>): boolean {
    if (this.#started.length === 0) return true;
    if (usesConnection && this.#openConnections >= this.#limits.connections(this.#endedCount)) return false;
    return this.#aheadBytes + reservedBytes <= this.#limits.windowBytes();
  }

  #start(ahead: Ahead<Thing>): void {
    const { reservedBytes, lengthBytes } = ahead;
    const extraBytes = Math.max(reservedBytes - lengthBytes, 0);
    const started = { ...ahead, begun: ahead.begin(), extraBytes, leftBytes: lengthBytes };
    this.#started.push(started);
    this.#aheadBytes += lengthBytes + extraBytes;
    if (!ahead.usesConnection) return;
    this.#openConnections += 1;
    const { answered, ended } = started.begun;
    this.#answers.expect(answered, this.#limits.goesOnAfter);
    ended.then(
      () => this.#freeConnection(),
      (error: unknown) => {
        const isReplaced = this.#limits.goesOnAfter(error);
        // What came of it may still be written, and leaves the window but once.
        if (isReplaced) this.#forget(started, started.leftBytes);
        this.#freeConnection(isReplaced);
      },
    );
  }

  /** Bytes of a thing leave the window, as far as they are in it. */
  #forget(started: Started<Thing>, bytes: number): void {
    const forgotten = Math.min(bytes, started.leftBytes);
    started.leftBytes -= forgotten;
    this.#aheadBytes -= forgotten;
  }

  #freeConnection(isReplaced = false): void {
    this.#openConnections -= 1;
    this.#endedCount += 1;
    if (isReplaced || !this.#isHeld) this.#fill();
  }

  #advance(): void {
    const { value } = this.#source.next();
    this.#next = value ?? undefined;
  }
}
