import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryNamesOf, type SourceName } from "./entry-names-of.ts";
import { faultsOfEntryNames } from "./reader-rules.ts";

/** Few characters, and those the worst, so that collisions are the rule. */
const nastyPiece = fc.constantFrom(
  ...["a", "a", "A", "/", "/", "/", ".", "..", ":", "\\", " ", "_", " (2)", ".b", ".tar.gz", "CON"],
  ...["\u00e9", "e\u0301", "\u00c9", "ß", "SS", "\u202e", "\0", "\ud800", "🎉", "x".repeat(130)],
);
const nastyName = fc.string({ unit: nastyPiece, minLength: 1, maxLength: 6 });
const nastyObject = fc.record({ name: nastyName, sizeBytes: fc.constantFrom(0, 5) });
const nastyObjects = fc.uniqueArray(nastyObject, { selector: ({ name }) => name, maxLength: 40 });

const runs = { numRuns: 2000 };

describe("entry names of nasty keys", () => {
  it("have no fault that a reader could stumble on", () => {
    fc.assert(
      fc.property(nastyObjects, (objects) => {
        const names = entryNamesOf(objects).filter((name) => name !== undefined);
        expect(faultsOfEntryNames(names)).toEqual([]);
      }),
      runs,
    );
  });

  it("are one for every object, and no data is dropped or made a directory", () => {
    fc.assert(
      fc.property(nastyObjects, (objects) => {
        const names = entryNamesOf(objects);
        for (const [index, { name, sizeBytes }] of objects.entries()) {
          const isMarker = name.endsWith("/") && sizeBytes === 0;
          const given = names[index];
          if (given === undefined) expect(isMarker).toBe(true);
          else expect(given.endsWith("/")).toBe(isMarker);
        }
      }),
      runs,
    );
  });

  it("drop a marker only where another has the entry of its folder", () => {
    fc.assert(
      fc.property(nastyObjects, fc.nat(), (objects, choice) => {
        const markers = objects.filter(({ name, sizeBytes }) => name.endsWith("/") && sizeBytes === 0);
        const marker = markers[choice % markers.length];
        if (marker === undefined) return;
        const names = entryNamesOf([...objects, { name: `${marker.name}probe`, sizeBytes: 0 }]);
        const folder = names.at(-1)?.replace(/probe$/, "");
        expect(names.filter((name) => name === folder)).toHaveLength(1);
      }),
      runs,
    );
  });

  it("are the same every time", () => {
    fc.assert(
      fc.property(nastyObjects, (objects) => {
        expect(entryNamesOf(objects)).toEqual(entryNamesOf(objects));
      }),
    );
  });

  it("are kept when they are named again, in any order", () => {
    fc.assert(
      fc.property(nastyObjects, fc.integer(), (objects, seed) => {
        const named = namedAgain(objects);
        const shuffled = named.toSorted((one, other) => rank(one.name, seed) - rank(other.name, seed));
        expect(entryNamesOf(shuffled)).toEqual(shuffled.map(({ name }) => name));
      }),
      runs,
    );
  });

  it("are kept whatever keys with nothing good in them stand before", () => {
    const badName = fc
      .array(fc.tuple(nastyName, fc.constantFrom(":", "?", "\\", "\n")), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.map(([piece, bad]) => bad + piece.replaceAll("/", "")).join("/"));
    const badObjects = fc.uniqueArray(badName, { maxLength: 20 });
    fc.assert(
      fc.property(nastyObjects, badObjects, (objects, bad) => {
        const good = namedAgain(objects);
        const all = [...bad.map((name) => ({ name, sizeBytes: 1 })), ...good];
        expect(entryNamesOf(all).slice(bad.length)).toEqual(good.map(({ name }) => name));
      }),
      runs,
    );
  });
});

describe("names of older versions", () => {
  /** Objects, and behind them older versions of some. */
  const versioned = nastyObjects.chain((objects) =>
    fc
      .uniqueArray(fc.tuple(fc.nat(Math.max(objects.length - 1, 0)), fc.integer({ min: 1, max: 3 })), {
        selector: ([index, version]) => `${index} ${version}`,
        maxLength: objects.length === 0 ? 0 : 20,
      })
      .map((older) => ({
        objects,
        older: older.flatMap(([index, olderVersion]) => {
          const newest = objects[index];
          return newest === undefined ? [] : [{ ...newest, olderVersion }];
        }),
      })),
  );

  it("have no fault, and no object gives its name for them", () => {
    fc.assert(
      fc.property(versioned, ({ objects, older }) => {
        const names = entryNamesOf([...objects, ...older]);
        expect(names.slice(0, objects.length)).toEqual(entryNamesOf(objects));
        expect(faultsOfEntryNames(names.filter((name) => name !== undefined))).toEqual([]);
      }),
      runs,
    );
  });

  it("are there for all that have data", () => {
    fc.assert(
      fc.property(versioned, ({ objects, older }) => {
        const names = entryNamesOf([...older, ...objects]);
        for (const [index, { name, sizeBytes }] of [...older, ...objects].entries()) {
          if (sizeBytes > 0 || !name.endsWith("/")) expect(names[index]).toMatch(/[^/]$/);
        }
      }),
      runs,
    );
  });
});

/** The objects under the names they were given: names without fault. */
function namedAgain(objects: readonly SourceName[]): SourceName[] {
  const names = entryNamesOf(objects);
  return objects.flatMap(({ sizeBytes }, index) => {
    const name = names[index];
    return name === undefined ? [] : [{ name, sizeBytes }];
  });
}

/** A different order for each seed. */
function rank(name: string, seed: number): number {
  let hash = seed;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
