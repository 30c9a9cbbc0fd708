import { crc32 } from "node:zlib";
import type { SourceRead } from "../ball/source.ts";
import type { Begun } from "./read-ahead.ts";

/** Bytes that are there, or are made when their turn comes, once `known` has resolved. */
export function madeBytes(known: Promise<unknown> | undefined, make: () => Uint8Array): Begun {
  let isTaken = false;
  const nothing = Promise.resolve();
  const begun = {
    answered: nothing,
    ended: nothing,
    isReady: known === undefined,
    take: async () => {
      if (isTaken) return undefined;
      isTaken = true;
      await known;
      return [make()];
    },
  };
  const ready = () => {
    begun.isReady = true;
  };
  known?.then(ready, ready);
  return begun;
}

/** A read that is held whole before any of it goes out, and what its CRC-32 turned out to be. */
export function heldWhole(read: SourceRead): { begun: Begun; crc32: Promise<number> } {
  const chunks: Uint8Array[] = [];
  const state = { isWhole: false, isTaken: false };
  const receive = async () => {
    let value = 0;
    for (let batch = await read.take(); batch !== undefined; batch = await read.take()) {
      for (const chunk of batch) value = crc32(chunk, value);
      chunks.push(...batch);
    }
    state.isWhole = true;
    return value;
  };
  const received = receive();
  const begun: Begun = {
    answered: read.answered,
    ended: read.ended,
    get isReady() {
      return state.isWhole;
    },
    take: async () => {
      await received;
      if (state.isTaken) return undefined;
      state.isTaken = true;
      return chunks;
    },
  };
  return { begun, crc32: received };
}
