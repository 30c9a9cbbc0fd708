import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";
import type { GoneSource } from "../../lambdas/delivery/gone-sources.ts";
import { planWithout } from "../../lambdas/delivery/plan-without.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { allCrc32s, ballOf, freeze } from "../support/manifests.ts";

const entry = (name: string) => ({
  key: `in/${name}`,
  name,
  sizeBytes: name.endsWith("/") ? 0 : 5,
  mtimeEpochSeconds: 1_700_000_000,
  pin: { kind: "etag", etag: `"${name}"` } as const,
});

const goneOf = (manifest: Manifest, ...entries: readonly number[]): GoneSource[] =>
  entries.map((number) => ({
    source: manifest.source(number),
    error: new BallError("source-changed", "gone"),
  }));

function planned(names: readonly string[]) {
  const manifest = freeze(names.map(entry));
  const ball: Ball = { ...ballOf(manifest), fileCount: names.filter((name) => !name.endsWith("/")).length };
  return { ball, manifest, crc32s: allCrc32s(names.length) };
}

function without(names: readonly string[], ...gone: readonly number[]) {
  const present = planned(names);
  const next = planWithout(present, goneOf(present.manifest, ...gone), 1_800_000_000);
  if (next === undefined) throw new Error("Nothing was left out");
  return { ...next, present, names: namesOf(next.manifest) };
}

const namesOf = (manifest: Manifest) =>
  Array.from({ length: manifest.entryCount }, (_, number) => manifest.name(number));

describe("a new plan", () => {
  test("has the same entries in the same order, without those that are gone, and a note at the end", () => {
    const names = ["a.txt", "b/", "b/c.txt", "d/e/f.txt", "z.txt"];
    fc.assert(
      fc.property(fc.subarray([0, 2, 3, 4], { minLength: 1 }), (gone) => {
        const { plan, manifest, crc32s, present } = without(names, ...gone);
        const remaining = [0, 1, 2, 3, 4].filter((number) => !gone.includes(number));
        remaining.forEach((before, now) => {
          expect(manifest.entry(now)).toEqual(present.manifest.entry(before));
          expect(crc32s.get(now)).toBe(present.crc32s.get(before));
        });
        expect(manifest.entryCount).toBe(remaining.length + 1);
        expect(manifest.name(remaining.length)).toBe("_skipped.txt");
        expect(plan).toMatchObject({
          planNumber: 1,
          plannedAtEpochSeconds: 1_800_000_000,
          lengthBytes: planLayout(manifest).lengthBytes,
          entryCount: manifest.entryCount,
          fileCount: 4 - gone.length,
          skippedFileCount: gone.length,
        });
      }),
    );
  });

  test("is none, when the present one has nothing of what is gone", () => {
    const present = planned(["a.txt", "b.txt"]);
    const other = freeze([{ ...entry("a.txt"), pin: { kind: "etag", etag: '"other"' } }]);
    expect(planWithout(present, goneOf(other, 0), 0)).toBeUndefined();
    expect(planWithout(present, [], 0)).toBeUndefined();
  });

  test("is later than the one before it, whatever the clock says", () => {
    const present = planned(["a.txt", "b.txt"]);
    const { plannedAtEpochSeconds } = present.ball;
    for (const now of [0, plannedAtEpochSeconds])
      expect(planWithout(present, goneOf(present.manifest, 0), now)?.plan.plannedAtEpochSeconds).toBe(
        plannedAtEpochSeconds + 1,
      );
  });

  test("leaves out every entry of a source, and it matters to nobody how often it was found gone", () => {
    const manifest = freeze([entry("a.txt"), { ...entry("a.txt"), name: "again.txt" }, entry("b.txt")]);
    const present = { ball: { ...ballOf(manifest), fileCount: 3 }, manifest, crc32s: allCrc32s(3) };
    const next = planWithout(present, goneOf(manifest, 0, 0, 1), 0);
    expect(next && namesOf(next.manifest)).toEqual(["b.txt", "_skipped.txt"]);
    expect(next?.plan).toMatchObject({ skippedFileCount: 2, fileCount: 1 });
  });
});

describe("the note's name", () => {
  test.each<[names: string[], expected: string]>([
    [["a.txt", "dir/_skipped.txt"], "_skipped.txt"],
    [["a.txt", "_skipped.txt"], "_skipped (2).txt"],
    [["a.txt", "_SKIPPED.TXT"], "_skipped (2).txt"],
    [["a.txt", "_skipped.txt/x"], "_skipped (2).txt"],
    [["a.txt", "_Skipped.txt/"], "_skipped (2).txt"],
    [["a.txt", "_skipped.txt", "_skipped (2).txt"], "_skipped (3).txt"],
  ])("beside %j is %s", (names, expected) => {
    expect(without(names, 0).names.at(-1)).toBe(expected);
  });

  test("is free again where the file that had it is gone", () => {
    expect(without(["a.txt", "_skipped.txt"], 1).names).toEqual(["a.txt", "_skipped.txt"]);
  });
});

describe("skipped folders", () => {
  test.each<[names: string[], gone: number[], expected: number]>([
    [["a.txt", "b.txt"], [0], 0],
    [["a/b.txt", "a/c.txt"], [0], 0],
    [["a/b.txt", "c.txt"], [0], 1],
    [["a/b/c.txt", "d.txt"], [0], 2],
    [["a/b/c.txt", "a/d.txt"], [0], 1],
    [["a/b/c.txt", "a/d.txt"], [0, 1], 2],
    [["a/", "a/b.txt", "c.txt"], [1], 1],
  ])("of %j without %j are %i", (names, gone, expected) => {
    expect(without(names, ...gone).plan.skippedFolderCount).toBe(expected);
  });

  test("are counted once, however many plans it takes", () => {
    const names = ["a/b/c.txt", "a/b/d.txt", "a/e.txt", "f.txt"];
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }), (order) => {
        let present = planned(names);
        const { manifest } = present;
        for (const gone of order) {
          const next = planWithout(present, goneOf(manifest, gone), 0);
          if (next === undefined) throw new Error("Nothing was left out");
          present = { ball: { ...present.ball, ...next.plan }, manifest: next.manifest, crc32s: next.crc32s };
        }
        const atOnce = without(names, ...order).plan;
        const { skippedFileCount, skippedFolderCount, fileCount, entryCount } = atOnce;
        expect(present.ball).toMatchObject({ skippedFileCount, skippedFolderCount, fileCount, entryCount });
      }),
    );
  });
});
