import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { OutboxEvent, OutboxTable } from "./outbox-table.ts";

/**
 * Takes over events, each of them as JSON, oldest first. Resolves when all are taken; when it rejects all of them come
 * again. Gives up soon when the signal is aborted.
 */
export type DeliverEvents = (events: readonly string[], signal: AbortSignal) => Promise<void>;

/**
 * Delivers the events of the outbox in the background, in order and each at least once. Nobody waits for it: while
 * whoever takes them is slow or fails, they stay where they are.
 */
export class EventRelay {
  readonly #outbox: OutboxTable;
  readonly #deliver: DeliverEvents;
  readonly #stop = new AbortController();
  #work: Promise<void> | undefined;

  constructor(outbox: OutboxTable, deliver: DeliverEvents) {
    this.#outbox = outbox;
    this.#deliver = deliver;
  }

  /** Says that there may be something in the outbox, now or at the end of this turn. */
  wake(): void {
    if (!this.#stop.signal.aborted) this.#work ??= this.#empty();
  }

  /** What is not delivered by now stays in the outbox. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #empty(): Promise<void> {
    // The transaction that woke us ends in its own turn.
    await turn();
    for (let isTaken = true; !this.#stop.signal.aborted; ) {
      const events = this.#outbox.oldest(eventsAtOnce);
      if (events.length === 0) break;
      isTaken = await this.#deliverOnce(events, isTaken);
      if (!isTaken) await this.#rest();
    }
    this.#work = undefined;
  }

  /** Whether they were taken. What fails again and again is told of once. */
  async #deliverOnce(events: readonly OutboxEvent[], isFailureNews: boolean): Promise<boolean> {
    const { signal } = this.#stop;
    try {
      await this.#deliver(
        events.map(({ json }) => json),
        signal,
      );
      this.#outbox.removeUpTo(events.at(-1)?.id ?? 0);
      return true;
    } catch (error) {
      if (isFailureNews && !signal.aborted)
        console.error("local S3: events wait, as nobody takes them:", error);
      return false;
    }
  }

  async #rest(): Promise<void> {
    await delay(restMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** As many as one batch of SQS holds. */
const eventsAtOnce = 10;
const restMs = 1000;
