import { crc32 } from "node:zlib";
import type { SourceRead } from "../ball/source.ts";
import type { Begun } from "./read-ahead.ts";

const nothing = Promise.resolve();

/** Bytes that are made when their turn comes, once `known` has resolved. */
export function madeBytes(known: Promise<unknown> | undefined, make: () => Uint8Array): Begun {
  return new HeldBytes({ answered: nothing, ended: nothing }, known, () => [make()]);
}

/** A read that is held whole before any of it goes out, and what its CRC-32 turned out to be. */
export function heldWhole(read: SourceRead): { begun: Begun; crc32: Promise<number> } {
  const chunks: Uint8Array[] = [];
  const receive = async () => {
    let value = 0;
    for (let batch = await read.take(); batch !== undefined; batch = await read.take()) {
      for (const chunk of batch) value = crc32(chunk, value);
      chunks.push(...batch);
    }
    return value;
  };
  const received = receive();
  return { begun: new HeldBytes(read, received, () => chunks), crc32: received };
}

/** Chunks that are given all at once, when what they wait for has come. */
class HeldBytes implements Begun {
  readonly answered: Promise<void>;
  readonly ended: Promise<void>;
  isReady: boolean;
  readonly #known: Promise<unknown> | undefined;
  readonly #give: () => readonly Uint8Array[];
  #failure: { readonly error: unknown } | undefined;
  #isTaken = false;

  constructor(
    { answered, ended }: Pick<Begun, "answered" | "ended">,
    known: Promise<unknown> | undefined,
    give: () => readonly Uint8Array[],
  ) {
    this.answered = answered;
    this.ended = ended;
    this.#give = give;
    this.isReady = known === undefined;
    this.#known = known?.then(
      () => this.#ready(),
      (error: unknown) => {
        this.#failure = { error };
        this.#ready();
      },
    );
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    await this.#known;
    return this.takeNow();
  }

  takeNow(): readonly Uint8Array[] | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    return this.#give();
  }

  #ready(): void {
    this.isReady = true;
  }
}
