import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterMarker, afterPrefix, commonPrefixOf, laterKey, listPage } from "../../../local/s3/listing.ts";

const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Keys of few characters, so that prefixes are often shared; among them the last of the BMP and one beyond. */
const key = fc.string({
  unit: fc.constantFrom("a", "b", "/", "//", "\u0000", "\ud7ff", "\uffff", "😀", "\u{10ffff}"),
  minLength: 1,
  maxLength: 6,
});
const listing = fc.record({
  keys: fc.uniqueArray(key, { maxLength: 30 }),
  prefix: fc.oneof(fc.constant(""), key),
  delimiter: fc.constantFrom("", "/", "b/"),
  maxKeys: fc.integer({ min: 1, max: 5 }),
});

describe("listings", () => {
  test("pages put together are every key and every common prefix once, in order", () => {
    fc.assert(
      fc.property(listing, ({ keys, prefix, delimiter, maxKeys }) => {
        const sorted = [...keys].sort(byBytes);
        const selected = sorted.filter((entry) => entry.startsWith(prefix));
        const expected = new Set(selected.map((entry) => commonPrefixOf(entry, prefix, delimiter) ?? entry));
        expect(allPages(sorted, { prefix, delimiter, maxKeys })).toEqual([...expected]);
      }),
      { numRuns: 1000 },
    );
  });

  test("afterPrefix is the least key behind all that begin with the prefix", () => {
    fc.assert(
      fc.property(key, key, (prefix, other) => {
        const after = afterPrefix(prefix);
        if (other.startsWith(prefix)) {
          if (after !== undefined) expect(byBytes(other, after)).toBeLessThan(0);
        } else if (byBytes(other, prefix) > 0) {
          expect(after).toBeDefined();
          expect(byBytes(other, after ?? "")).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("a page of common prefixes seeks once for each, however many keys they hold", () => {
    const keys = Array.from(
      { length: 10_000 },
      (_, n) => `${String(n % 10)}/${String(n).padStart(5, "0")}`,
    ).sort();
    let read = 0;
    const scan = function* (from: string) {
      for (const entry of keys) {
        if (byBytes(entry, from) < 0) continue;
        read++;
        yield { key: entry };
      }
    };
    const page = listPage({ prefix: "", delimiter: "/", maxKeys: 1000, from: "" }, scan);
    expect(page.commonPrefixes).toHaveLength(10);
    expect(read).toBe(10);
  });
});

function allPages(
  sorted: readonly string[],
  request: { prefix: string; delimiter: string; maxKeys: number },
): string[] {
  const { prefix, delimiter } = request;
  const until = afterPrefix(prefix);
  const listed: string[] = [];
  let from = prefix;
  for (;;) {
    const page = listPage({ ...request, from }, (start) =>
      sorted
        .filter((entry) => byBytes(entry, start) >= 0 && (until === undefined || byBytes(entry, until) < 0))
        .map((entry) => ({ key: entry })),
    );
    listed.push(...[...page.entries.map((entry) => entry.key), ...page.commonPrefixes].sort(byBytes));
    if (page.last === undefined) return listed;
    from = laterKey(afterMarker(page.last.key, prefix, delimiter), prefix);
  }
}
