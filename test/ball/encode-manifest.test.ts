import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../lambdas/ball/byte-io.ts";
import { decodeManifest, encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import { Manifest } from "../../lambdas/ball/manifest.ts";
import { freeze, realisticEntries } from "../support/manifests.ts";
import { anyEntries } from "./any-manifest.ts";

/** All that a manifest says. */
function contentOf(manifest: Manifest) {
  return {
    writerVersion: manifest.writerVersion,
    planNumber: manifest.planNumber,
    bucket: manifest.bucket,
    entries: Array.from({ length: manifest.entryCount }, (_, entry) => ({
      key: manifest.key(entry),
      name: Buffer.from(manifest.nameBytes(entry)).toString(),
      pin: manifest.entry(entry).pin,
      sizeBytes: manifest.sizeBytes(entry),
      mtimeEpochSeconds: manifest.mtimeEpochSeconds(entry),
    })),
  };
}

describe("a manifest", () => {
  test("says what was put in, and after encoding and decoding still", () => {
    fc.assert(
      fc.property(
        anyEntries,
        fc.string(),
        fc.nat(9),
        fc.nat(),
        (entries, bucket, writerVersion, planNumber) => {
          const manifest = Manifest.freeze({ writerVersion, planNumber, bucket, entries });
          const content = { writerVersion, planNumber, bucket: Buffer.from(bucket).toString(), entries };
          expect(contentOf(manifest)).toEqual(content);
          expect(contentOf(decodeManifest(encodeManifest(manifest)))).toEqual(content);
          expect(contentOf(manifest.ofPlan(planNumber + 1))).toEqual({
            ...content,
            planNumber: planNumber + 1,
          });
        },
      ),
    );
  });

  test("gives the same bytes every time, also when it comes from bytes itself", () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const bytes = encodeManifest(freeze(entries));
        expect(Buffer.compare(encodeManifest(freeze(structuredClone(entries))), bytes)).toBe(0);
        expect(Buffer.compare(encodeManifest(decodeManifest(bytes)), bytes)).toBe(0);
      }),
    );
  });

  test("writes names, and tells directories, as the layout asks for them", () => {
    const manifest = freeze([
      { key: "a/b/", name: "b/", pin: { kind: "etag", etag: '"x"' }, sizeBytes: 0, mtimeEpochSeconds: 0 },
      {
        key: "a/b/ü",
        name: "renamed ü",
        pin: { kind: "etag", etag: '"x"' },
        sizeBytes: 1,
        mtimeEpochSeconds: 0,
      },
    ]);
    const target = new Uint8Array(20);
    manifest.writeName(1, target, 3);
    expect(Buffer.from(target).toString("utf8", 3, 3 + manifest.nameLengthBytes(1))).toBe("renamed ü");
    expect([manifest.isDirectory(0), manifest.isDirectory(1)]).toEqual([true, false]);
  });

  test.each([-1, 2, 0.5, Number.NaN])("has no entry %d of two", (entry) => {
    const manifest = freeze(realisticEntries(2));
    for (const ask of [
      () => manifest.key(entry),
      () => manifest.entry(entry).pin,
      () => manifest.sizeBytes(entry),
      () => manifest.mtimeEpochSeconds(entry),
      () => manifest.nameBytes(entry),
    ]) {
      expect(ask).toThrow(RangeError);
    }
  });
});

describe("bytes that are no manifest are ball-corrupt", () => {
  const bytes = encodeManifest(freeze(realisticEntries(20)));

  function expectCorrupt(damaged: Uint8Array): void {
    expect(() => decodeManifest(damaged)).toThrow(expect.objectContaining({ code: "ball-corrupt" }));
  }

  test("cut anywhere", () => {
    for (let length = 0; length < bytes.length; length += 1) expectCorrupt(bytes.subarray(0, length));
  });

  test("with something behind them", () => {
    expectCorrupt(Buffer.concat([bytes, Buffer.of(0)]));
  });

  test("changed anywhere, or else they are another manifest and nothing worse", () => {
    const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of mutations) damaged[at] = byte;
        expect(outcomeOf(damaged)).toMatch(/^(manifest|ball-corrupt)$/);
      }),
      { numRuns: 2000 },
    );
  });

  test("that are nothing but noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(outcomeOf(noise)).toMatch(/^(manifest|ball-corrupt)$/);
      }),
      { numRuns: 2000 },
    );
  });

  const headOf = (entryCount: number, version = 2) => {
    const writer = new ByteWriter();
    writer.varint(version);
    writer.varint(1);
    writer.varint(0);
    writer.text("bucket");
    writer.varint(entryCount);
    return writer;
  };

  test.each([1, 1000, 2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER])(
    "that promise %d entries and have none",
    (count) => {
      expectCorrupt(headOf(count).finish());
    },
  );

  test("that promise many entries and have zeros", () => {
    expectCorrupt(Buffer.concat([headOf(2 ** 40).finish(), Buffer.alloc(1_000_000)]));
  });

  test("of an encoding nobody knows", () => {
    for (const version of [0, 1, 3]) expectCorrupt(headOf(0, version).finish());
  });

  test("whose keys grow out of each other beyond what a key can have", () => {
    const count = 20_000;
    const writer = headOf(count);
    for (let entry = 0; entry < count; entry += 1) writer.varint(entry);
    for (let entry = 0; entry < count; entry += 1) writer.text("x");
    const before = process.memoryUsage().arrayBuffers;
    expectCorrupt(writer.finish());
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  function outcomeOf(damaged: Uint8Array): string {
    try {
      // What is decoded has to be usable, too.
      contentOf(decodeManifest(damaged));
      return "manifest";
    } catch (error) {
      return error instanceof BallError ? error.code : `threw ${error}`;
    }
  }
});
