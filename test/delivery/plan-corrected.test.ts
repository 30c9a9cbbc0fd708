import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import { etagOf } from "../../lambdas/ball/etag.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";
import { correctedCrc32s, planAgain } from "../../lambdas/delivery/plan-corrected.ts";
import type { CorrectedCrc32 } from "../../lambdas/delivery/refuted-crc32s.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { ballOf, freeze, realisticEntries } from "../support/manifests.ts";

const entryCount = 6;
const manifest = freeze(realisticEntries(entryCount));

const columnOf = (values: readonly (number | undefined)[]) => {
  const column = new Crc32Column(values.length);
  values.forEach((value, entry) => {
    if (value !== undefined) column.set(entry, value);
  });
  return column;
};
const valuesOf = (column: Crc32Column | undefined) =>
  column && Array.from({ length: column.entryCount }, (_, entry) => column.get(entry));

const correction = (
  entry: number,
  crc32: number | undefined,
  refuted: { readonly planNumber?: number; readonly crc32?: number; readonly of?: Manifest } = {},
): CorrectedCrc32 => {
  const source = (refuted.of ?? manifest).source(entry);
  const { planNumber = 0, crc32: told = 7 } = refuted;
  return { refuted: { source, planNumber, crc32: told, hasLeft: true }, crc32 };
};

function corrected(
  values: readonly (number | undefined)[],
  corrections: readonly CorrectedCrc32[],
  more: Partial<Ball> = {},
) {
  return valuesOf(
    correctedCrc32s(
      { ball: { ...ballOf(manifest), ...more }, manifest, crc32s: columnOf(values) },
      corrections,
    ),
  );
}

describe("the CRC-32s of the plan after one in which some were refuted", () => {
  const anyValue = fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: undefined });
  const values = fc.array(anyValue, { minLength: entryCount, maxLength: entryCount });

  test("are those of the one before, but for what is corrected", () => {
    const corrections = fc.uniqueArray(fc.tuple(fc.nat(entryCount - 1), anyValue), {
      minLength: 1,
      selector: ([entry]) => entry,
    });
    fc.assert(
      fc.property(values, corrections, (before, changes) => {
        const expected = [...before];
        for (const [entry, value] of changes) expected[entry] = value;
        const found = corrected(
          before,
          changes.map(([entry, value]) => correction(entry, value)),
        );
        expect(found).toEqual(expected);
      }),
    );
  });

  test.each<[what: string, corrections: CorrectedCrc32[]]>([
    ["nothing was refuted", []],
    ["what was refuted is of no entry", [correction(0, 8, { of: freeze(realisticEntries(1, "version")) })]],
  ])("are none, when %s", (_what, corrections) => {
    expect(corrected([1, 2, 3, 4, 5, 6], corrections)).toBeUndefined();
  });

  test("are other ones even where the same is told again: a client may have bytes that do not have it", () => {
    expect(corrected([7, 2, 3, 4, 5, 6], [correction(0, 7)])).toEqual([7, 2, 3, 4, 5, 6]);
  });

  test.each<[what: string, present: number | undefined, learned: number | undefined, expected: unknown]>([
    ["that tells what was refuted", 7, 8, [8]],
    ["that tells what was refuted, and nothing else is known", 7, undefined, [undefined]],
    ["that tells what is told again", 7, 7, undefined],
    ["that tells what was learned", 8, 8, undefined],
    ["that tells another", 9, 8, undefined],
    ["that tells none", undefined, 8, undefined],
  ])("after a plan of somebody else, %s", (_what, present, learned, expected) => {
    const found = corrected([present, 2, 3, 4, 5, 6], [correction(0, learned)], { planNumber: 1 });
    expect(found?.slice(0, 1)).toEqual(expected);
  });

  test("are corrected of every entry of the source", () => {
    const [first, second] = realisticEntries(2);
    if (first === undefined || second === undefined) throw new Error("There are two");
    const twice = freeze([first, second, { ...first, name: "again.jpg" }]);
    const present = { ball: ballOf(twice), manifest: twice, crc32s: columnOf([7, 2, 7]) };
    expect(valuesOf(correctedCrc32s(present, [correction(0, 8, { of: twice })]))).toEqual([8, 2, 8]);
  });
});

test("the plan itself has the same bytes, and an entity tag and a time of its own", () => {
  const ball = { ...ballOf(manifest), planNumber: 3, skippedFileCount: 2, skippedFolderCount: 1 };
  const crc32s = columnOf([1, 2, 3, 4, 5, 6]);
  const next = planAgain({ ball, manifest, crc32s }, crc32s, 1_800_000_000);
  const { etag, planNumber, plannedAtEpochSeconds, ...same } = next.plan;
  expect(ball).toMatchObject(same);
  expect({ planNumber, plannedAtEpochSeconds }).toEqual({
    planNumber: 4,
    plannedAtEpochSeconds: 1_800_000_000,
  });
  expect(etag).toBe(etagOf(encodeManifest(next.manifest)));
  expect(etag).not.toBe(ball.etag);
  expect(planLayout(next.manifest).lengthBytes).toBe(planLayout(manifest).lengthBytes);
  expect(encodeManifest(next.manifest.ofPlan(0))).toEqual(encodeManifest(manifest));
});
