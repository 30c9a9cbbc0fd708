import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { BodyStore } from "./body-store.ts";
import { BucketTable } from "./bucket-table.ts";
import { ContentTable } from "./content-table.ts";
import { openDatabase } from "./database.ts";
import { ExtentsChecksum } from "./extents-checksum.ts";
import { OutboxTable } from "./outbox-table.ts";
import type { ReceivedBody } from "./receive-body.ts";
import { UploadTable } from "./upload-table.ts";
import { VersionTable } from "./version-table.ts";

/** All that is kept in a data directory. One process at a time. */
export class Store {
  readonly bodies: BodyStore;
  readonly buckets: BucketTable;
  readonly contents: ContentTable;
  readonly checksums: ExtentsChecksum;
  readonly versions: VersionTable;
  readonly uploads: UploadTable;
  readonly outbox: OutboxTable;
  readonly #database: DatabaseSync;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#database = openExclusively(dataDir);
    this.bodies = new BodyStore(dataDir);
    this.buckets = new BucketTable(this.#database);
    this.contents = new ContentTable(this.#database);
    this.checksums = new ExtentsChecksum(this.bodies, this.contents);
    this.versions = new VersionTable(this.#database, this.contents);
    this.uploads = new UploadTable(this.#database, this.contents);
    this.outbox = new OutboxTable(this.#database);
    this.bodies.recover((id) => this.contents.isReferenced(id));
    this.bodies.onRemoved = (id) => {
      if (this.#database.isOpen) this.contents.forgetRemoved(id);
    };
    this.#removeBodies();
  }

  /**
   * Runs `change` as one transaction, then removes the bodies it left without references.
   * `change` is synchronous, so nothing of another request happens between its reads and its writes.
   */
  commit<T>(change: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    let result: T;
    try {
      result = change();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.contents.forgetReleased();
      this.#database.exec("ROLLBACK");
      throw error;
    }
    for (const id of this.contents.takeReleased()) this.bodies.remove(id);
    return result;
  }

  /** The same with a content made of `body`, whose file stays only if `change` is committed. */
  commitBody<T>(
    { bodyId, size, milestones }: Pick<ReceivedBody, "bodyId" | "size" | "milestones">,
    change: (contentId: number) => T,
  ): T {
    if (bodyId === undefined) return this.commit(() => change(this.contents.add([])));
    let result: T;
    try {
      result = this.commit(() => {
        if (milestones !== undefined) this.contents.addMilestones(bodyId, milestones);
        return change(this.contents.add([{ bodyId, offset: 0, length: size }]));
      });
    } catch (error) {
      this.bodies.discard(bodyId);
      throw error;
    }
    this.bodies.keep(bodyId);
    return result;
  }

  close(): void {
    this.#database.close();
  }

  #removeBodies(): void {
    for (const id of this.contents.removedBodies()) this.bodies.remove(id);
  }
}

function openExclusively(dataDir: string): DatabaseSync {
  try {
    return openDatabase(join(dataDir, "metadata.sqlite"));
  } catch (cause) {
    throw new Error(`The S3 data in ${dataDir} cannot be opened; another server may be using it.`, { cause });
  }
}
