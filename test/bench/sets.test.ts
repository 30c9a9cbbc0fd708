import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { firstByteMsOf } from "../../bench/stream/lateness.ts";
import { mixture } from "../../bench/stream/mixture.ts";
import { setAt } from "../../bench/stream/sets.ts";

test("the mixture is the same in every run", () => {
  const objects = mixture(1);
  const digest = createHash("sha256").update(JSON.stringify(objects)).digest("hex");
  expect(digest.slice(0, 16)).toBe("070d137b68f1f9b9");
  expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
});

test("of late objects, each part of a set has its share of slow ones", () => {
  const { lateness, objects } = setAt("tail", 1);
  const slow = objects.map((_, index) => firstByteMsOf(lateness, index) === lateness.slowFirstByteMs);
  for (let start = 0; start < slow.length; start += lateness.slowOnceIn) {
    expect(slow.slice(start, start + lateness.slowOnceIn).filter(Boolean)).toHaveLength(1);
  }
});
