import type { DatabaseSync } from "node:sqlite";
import type { Milestones } from "./crc-milestones.ts";
import { bytes, integer, type Row, text } from "./rows.ts";

/** A run of bytes inside one body's file. */
export interface Extent {
  readonly bodyId: string;
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** A part an object was uploaded in. */
export interface ContentPart {
  readonly number: number;
  readonly size: number;
  /** Base64, in the algorithm of the object's checksum. */
  readonly checksumValue: string;
}

/** What objects and parts consist of: gapless lists of extents. */
export class ContentTable {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #released: string[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  /** A new content of these extents, in order. Empty ones are left out, neighbours in one body are one. */
  add(extents: readonly Extent[]): number {
    const contentId = Number(this.#statements.allot.run().lastInsertRowid);
    let start = 0;
    for (const { bodyId, offset, length } of joinNeighbours(extents)) {
      this.#statements.addExtent.run(contentId, start, length, bodyId, offset);
      start += length;
    }
    return contentId;
  }

  /** Remembers what is known of a body's CRC-32 for as long as there is the body. */
  addMilestones(bodyId: string, milestones: Milestones): void {
    this.#statements.addMilestones.run(bodyId, milestones);
  }

  /** Undefined for a short body, and for one that was received before there were milestones. */
  milestonesOf(bodyId: string): Milestones | undefined {
    const row = this.#statements.milestones.get(bodyId);
    return row === undefined ? undefined : bytes(row, "crcs");
  }

  /** Remembers the parts a content was uploaded in. */
  addParts(contentId: number, parts: readonly ContentPart[]): void {
    for (const { number, size, checksumValue } of parts) {
      this.#statements.addPart.run(contentId, number, size, checksumValue);
    }
  }

  /** Parts of a content in order of their numbers, those after `after`. */
  partsOf(contentId: number, after: number, limit: number): ContentPart[] {
    return this.#statements.parts.all(contentId, after, limit).map((row) => ({
      number: integer(row, "number"),
      size: integer(row, "size"),
      checksumValue: text(row, "checksum_value"),
    }));
  }

  extentsOf(contentId: number): Extent[] {
    return this.#statements.all.all(contentId).map(extentOf);
  }

  /** The extents that cover the bytes [start, end) of a content, cut to them. */
  extentsWithin(contentId: number, { start, end }: { start: number; end: number }): Extent[] {
    return this.#statements.within.all(contentId, contentId, start, end).map((row) => {
      const extent = extentOf(row);
      const extentStart = integer(row, "start");
      const from = Math.max(start - extentStart, 0);
      const to = Math.min(end - extentStart, extent.length);
      return { bodyId: extent.bodyId, offset: extent.offset + from, length: to - from };
    });
  }

  /** Forgets a content, and with it the bodies nothing else refers to. */
  release(contentId: number): void {
    const bodyIds = new Set(this.#statements.drop.all(contentId).map((row) => text(row, "body_id")));
    this.#statements.dropParts.run(contentId);
    this.#statements.dropContent.run(contentId);
    for (const bodyId of bodyIds) {
      if (this.isReferenced(bodyId)) continue;
      this.#statements.dropMilestones.run(bodyId);
      this.#statements.addRemoved.run(bodyId);
      this.#released.push(bodyId);
    }
  }

  isReferenced(bodyId: string): boolean {
    return this.#statements.reference.get(bodyId) !== undefined;
  }

  /** Bodies that lost their last reference in the transaction that was just committed. */
  takeReleased(): string[] {
    const released = this.#released;
    if (released.length > 0) this.#released = [];
    return released;
  }

  forgetReleased(): void {
    this.#released = [];
  }

  /** Bodies that had to go when the process last ended. */
  removedBodies(): string[] {
    return this.#database
      .prepare("SELECT body_id FROM removed_bodies")
      .all()
      .map((row) => text(row, "body_id"));
  }

  forgetRemoved(bodyId: string): void {
    this.#statements.dropRemoved.run(bodyId);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    allot: database.prepare("INSERT INTO contents DEFAULT VALUES"),
    addExtent: database.prepare("INSERT INTO extents VALUES (?, ?, ?, ?, ?)"),
    all: database.prepare("SELECT * FROM extents WHERE content_id = ? ORDER BY start"),
    within: database.prepare(`
      SELECT * FROM extents WHERE content_id = ?
        AND start >= (SELECT max(start) FROM extents WHERE content_id = ? AND start <= ?) AND start < ?
      ORDER BY start`),
    drop: database.prepare("DELETE FROM extents WHERE content_id = ? RETURNING body_id"),
    addPart: database.prepare("INSERT INTO content_parts VALUES (?, ?, ?, ?)"),
    parts: database.prepare(
      "SELECT * FROM content_parts WHERE content_id = ? AND number > ? ORDER BY number LIMIT ?",
    ),
    dropParts: database.prepare("DELETE FROM content_parts WHERE content_id = ?"),
    dropContent: database.prepare("DELETE FROM contents WHERE id = ?"),
    addMilestones: database.prepare("INSERT INTO milestones VALUES (?, ?)"),
    milestones: database.prepare("SELECT crcs FROM milestones WHERE body_id = ?"),
    dropMilestones: database.prepare("DELETE FROM milestones WHERE body_id = ?"),
    reference: database.prepare("SELECT 1 FROM extents WHERE body_id = ? LIMIT 1"),
    addRemoved: database.prepare("INSERT OR IGNORE INTO removed_bodies VALUES (?)"),
    dropRemoved: database.prepare("DELETE FROM removed_bodies WHERE body_id = ?"),
  };
}

function* joinNeighbours(extents: readonly Extent[]): Generator<Extent> {
  let joined: Extent | undefined;
  for (const extent of extents) {
    if (joined?.bodyId === extent.bodyId && joined.offset + joined.length === extent.offset) {
      joined = { ...joined, length: joined.length + extent.length };
    } else if (extent.length > 0) {
      if (joined !== undefined) yield joined;
      joined = extent;
    }
  }
  if (joined !== undefined) yield joined;
}

function extentOf(row: Row): Extent {
  return {
    bodyId: text(row, "body_id"),
    offset: integer(row, "body_offset"),
    length: integer(row, "length"),
  };
}
