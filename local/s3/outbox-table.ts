import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "./rows.ts";

/** An event that is still to be delivered. */
export interface OutboxEvent {
  readonly id: number;
  readonly json: string;
}

/**
 * Events that are still to be delivered, oldest first. They are written in the transaction of the change they tell of:
 * what was committed is told of even if the process ends before, and what was rolled back is not. However many wait,
 * they wait on disk.
 */
export class OutboxTable {
  readonly #statements: ReturnType<typeof prepareStatements>;
  #lastId: number;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    const row = this.#statements.lastId.get();
    this.#lastId = row === undefined ? 0 : integer(row, "seq");
  }

  /** Adds an event that is made with the greatest sequencer so far, of 18 hexadecimal digits as S3's. */
  add(eventOf: (sequencer: string) => string): void {
    this.#lastId += 1;
    this.#statements.add.run(
      this.#lastId,
      eventOf(this.#lastId.toString(16).toUpperCase().padStart(18, "0")),
    );
  }

  oldest(count: number): OutboxEvent[] {
    return this.#statements.oldest
      .all(count)
      .map((row) => ({ id: integer(row, "id"), json: text(row, "event") }));
  }

  /** Removes all events up to `id`. */
  removeUpTo(id: number): void {
    this.#statements.removeUpTo.run(id);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    lastId: database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"),
    add: database.prepare("INSERT INTO outbox (id, event) VALUES (?, ?)"),
    oldest: database.prepare("SELECT id, event FROM outbox ORDER BY id LIMIT ?"),
    removeUpTo: database.prepare("DELETE FROM outbox WHERE id <= ?"),
  };
}
