import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";

const spillBytes = 256 * 1024;

/**
 * Bodies of objects and parts, one file each, named by random id and never by a key.
 *
 * A body is written under `incoming/` and moves to `bodies/` once the database refers to it; a crash between the
 * two is set right at the next start. A body that lost its last reference is removed when nobody reads it any more;
 * until then the database remembers that it has to go.
 */
export class BodyStore {
  readonly #incoming: string;
  readonly #bodies: string;
  readonly #readers = new Map<string, number>();
  readonly #leaving = new Set<string>();

  /** Called with the ids of bodies whose files are gone. */
  onRemoved: (id: string) => void = () => {};

  constructor(dataDir: string) {
    this.#incoming = join(dataDir, "incoming");
    this.#bodies = join(dataDir, "bodies");
    mkdirSync(this.#incoming, { recursive: true });
    for (let byte = 0; byte < 256; byte++) {
      mkdirSync(join(this.#bodies, byte.toString(16).padStart(2, "0")), { recursive: true });
    }
  }

  /** Ends what a crash left half done: an incoming body the database knows is kept, any other removed. */
  recover(isReferenced: (id: string) => boolean): void {
    for (const id of readdirSync(this.#incoming)) {
      if (isReferenced(id)) this.keep(id);
      else rmSync(join(this.#incoming, id));
    }
  }

  create(): BodyWriter {
    const id = randomBytes(16).toString("hex");
    return new BodyWriter(id, join(this.#incoming, id));
  }

  /** Moves a written body to where it is read. Called right after the transaction that refers to it. */
  keep(id: string): void {
    renameSync(join(this.#incoming, id), this.pathOf(id));
  }

  /** Removes a written body that nothing came to refer to. */
  discard(id: string): void {
    rmSync(join(this.#incoming, id), { force: true });
  }

  pathOf(id: string): string {
    return join(this.#bodies, id.slice(0, 2), id);
  }

  /** Keeps bodies from being removed while they are read, until the function it returns was called (once). */
  pin(ids: readonly string[]): () => void {
    for (const id of ids) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1);
    return () => {
      for (const id of ids) this.#unpin(id);
    };
  }

  /** Removes a body without references as soon as it is not read. */
  remove(id: string): void {
    if (this.#readers.has(id)) this.#leaving.add(id);
    else void this.#unlink(id);
  }

  #unpin(id: string): void {
    const readers = (this.#readers.get(id) ?? 0) - 1;
    if (readers > 0) {
      this.#readers.set(id, readers);
      return;
    }
    this.#readers.delete(id);
    if (this.#leaving.delete(id)) void this.#unlink(id);
  }

  /** A file that could not be removed stays remembered and is tried again at the next start. */
  async #unlink(id: string): Promise<void> {
    try {
      await unlink(this.pathOf(id));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return;
    }
    this.onRemoved(id);
  }
}

/** One body being written. Small ones are held until they are whole and written at once. */
export class BodyWriter {
  readonly id: string;
  readonly #path: string;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #file: FileHandle | undefined;

  constructor(id: string, path: string) {
    this.id = id;
    this.#path = path;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= spillBytes) await this.#spill();
  }

  /** After this the file is whole. */
  async finish(): Promise<void> {
    if (this.#file === undefined) {
      writeFileSync(this.#path, Buffer.concat(this.#held), { flag: "wx" });
      return;
    }
    await this.#spill();
    await this.#file.close();
    this.#file = undefined;
  }

  /** Forgets the body; safe at any time. */
  async abandon(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    rmSync(this.#path, { force: true });
  }

  async #spill(): Promise<void> {
    this.#file ??= await open(this.#path, "wx");
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) await this.#file.appendFile(bytes);
  }
}
