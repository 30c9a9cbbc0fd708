import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { pinOf } from "../../lambdas/ball/pin.ts";
import { heldWhole, madeBytes } from "../../lambdas/delivery/held-bytes.ts";
import { MemorySources } from "../support/memory-sources.ts";
import { someBytes } from "./archive-of.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const bytes = Buffer.from("made");

describe("made bytes", () => {
  test("are made when they are taken, once, and need nothing else", async () => {
    let made = 0;
    const begun = madeBytes(undefined, () => {
      made += 1;
      return bytes;
    });
    await Promise.all([begun.answered, begun.ended]);
    expect([begun.isReady, made]).toEqual([true, 0]);
    expect(await begun.take()).toEqual([bytes]);
    expect(begun.isReady).toBe(true);
    expect(await begun.take()).toBeUndefined();
    expect(made).toBe(1);
  });

  test("wait for what they are made of, and are ready with it", async () => {
    const known = Promise.withResolvers<void>();
    let made = 0;
    const begun = madeBytes(known.promise, () => {
      made += 1;
      return bytes;
    });
    const taken = begun.take();
    await turn();
    expect([begun.isReady, made]).toEqual([false, 0]);
    known.resolve();
    expect(await taken).toEqual([bytes]);
    expect(begun.isReady).toBe(true);
    expect(await begun.take()).toBeUndefined();
  });

  test("that are ready are taken at once, or fail at once with what they waited for", async () => {
    const failing = madeBytes(Promise.reject(new Error("not to be known")), () => bytes);
    const begun = madeBytes(Promise.resolve(), () => bytes);
    await turn();
    expect([begun.isReady, begun.takeNow(), begun.takeNow()]).toEqual([true, [bytes], undefined]);
    expect(failing.isReady).toBe(true);
    expect(() => failing.takeNow()).toThrow("not to be known");
  });

  test("fail with what they wait for when they are taken, and not before", async () => {
    const begun = madeBytes(Promise.reject(new Error("not to be known")), () => bytes);
    await turn();
    await Promise.all([begun.answered, begun.ended]);
    await expect(begun.take()).rejects.toThrow("not to be known");
  });
});

describe("a read that is held whole", () => {
  /** Of an object that comes in chunks of 100 bytes. */
  function heldOf(sizeBytes: number) {
    const sources = new MemorySources();
    sources.chunkBytes = 100;
    const content = someBytes(sizeBytes, 5);
    const object = sources.put("a", content);
    const source = { bucket: "bucket", key: "a", pin: pinOf(object), sizeBytes };
    const hold = () => heldWhole(sources.read(source, { start: 0, end: sizeBytes }));
    return { sources, content, hold };
  }

  test.each([1, 99, 100, 101, 1000])("gives all of %i bytes at once, and their CRC-32", async (sizeBytes) => {
    const { content, hold } = heldOf(sizeBytes);
    const held = hold();
    expect(await held.crc32).toBe(crc32(content));
    expect(held.begun.isReady).toBe(true);
    expect(Buffer.concat((await held.begun.take()) ?? []).equals(content)).toBe(true);
    expect(await held.begun.take()).toBeUndefined();
  });

  test("gives nothing before its last byte has come, and is not ready", async () => {
    const { sources, content, hold } = heldOf(1000);
    const last = Promise.withResolvers<void>();
    sources.beforeChunk = (_call, offset) => (offset === 900 ? last.promise : undefined);
    const { begun } = hold();
    let taken: readonly Uint8Array[] | undefined;
    const taking = begun.take().then((chunks) => {
      taken = chunks;
    });
    await begun.answered;
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect([begun.isReady, taken]).toEqual([false, undefined]);
    last.resolve();
    await taking;
    expect(Buffer.concat(taken ?? []).equals(content)).toBe(true);
  });

  test("that breaks off in the middle gives nothing but its failure, to whoever asks", async () => {
    const { sources, hold } = heldOf(1000);
    sources.beforeChunk = (_call, offset) => {
      if (offset === 500) throw new Error("broken off");
    };
    const { begun, crc32: value } = hold();
    await expect(value).rejects.toThrow("broken off");
    await expect(begun.take()).rejects.toThrow("broken off");
    await expect(begun.ended).rejects.toThrow("broken off");
    await begun.answered;
  });
});
