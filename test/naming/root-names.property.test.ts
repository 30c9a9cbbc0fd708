import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldName } from "../../lambdas/naming/fold-name.ts";
import type { RootSelection } from "../../lambdas/naming/item-tree.ts";
import { assignRootNames } from "../../lambdas/naming/root-names.ts";
import { safeComponent } from "../../lambdas/naming/safe-component.ts";
import { faultsOfEntryNames } from "./reader-rules.ts";
import { file, folder, rootNamesOf, sha256 } from "./root-names-of.ts";

/** Few characters, and those the worst, so that conflicts are the rule. */
const nastyPiece = fc.constantFrom(
  ...["a", "a", "A", "/", "/", ".", ":", " ", "_", ".b", ".tar.gz", "CON", "\u00e9", "e\u0301", "ß", "SS"],
  ...["\0", "🎉", "x".repeat(130)],
);
const nastyRest = fc.string({ unit: nastyPiece, minLength: 1, maxLength: 5 });
const nastyKey = fc.string({ unit: nastyPiece, minLength: 1, maxLength: 5 });
const nastyFile = fc.tuple(nastyKey, fc.constantFrom(0, 5)).map(([key, sizeBytes]) => file(key, sizeBytes));
const nastyFolder = fc
  .tuple(
    nastyKey,
    fc.uniqueArray(fc.tuple(fc.oneof(fc.constant(""), nastyRest), fc.constantFrom(0, 5)), {
      selector: ([rest]) => rest,
      minLength: 1,
      maxLength: 12,
    }),
  )
  .map(([path, rests]) => folder(`${path}/`, ...rests));
const nastySelections = fc.uniqueArray(fc.oneof(nastyFile, nastyFolder), {
  selector: ({ kind, path }) => `${kind} ${path}`,
  maxLength: 12,
});

const runs = { numRuns: 2000 };
const objectsOf = (selections: readonly RootSelection[]) => selections.flatMap(({ objects }) => objects);

describe("names at the root of nasty selections", () => {
  it("have no fault that a reader could stumble on: all are different, whatever system compares them", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        const { names } = rootNamesOf(selections);
        expect(faultsOfEntryNames(names)).toEqual([]);
        expect(new Set(names.map(foldName)).size).toBe(names.length);
      }),
      runs,
    );
  });

  it("are there for every object, a directory for each that marks a folder", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        const { names } = rootNamesOf(selections);
        const objects = objectsOf(selections);
        expect(names).toHaveLength(objects.length);
        for (const [index, { key, sizeBytes }] of objects.entries()) {
          expect(names[index]?.endsWith("/")).toBe(key.endsWith("/") && sizeBytes === 0);
        }
      }),
      runs,
    );
  });

  it("are their own, but for those that are reported", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        const { names, conflicts } = rootNamesOf(selections);
        const renamed = new Set(conflicts.flat().map(([, , , , name]) => name));
        for (const [index, name] of names.entries()) {
          const own = ownNameOf(selections, index).split("/");
          const given = name.split("/");
          expect(given).toHaveLength(own.length);
          for (const [depth, component] of given.entries()) {
            if (component !== own[depth]) expect(renamed).toContain(component);
          }
        }
      }),
      runs,
    );
  });

  it("are six digits and the extension wherever they are reported, in pairs that wanted the same", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        for (const pair of rootNamesOf(selections).conflicts) {
          expect(new Set(pair.map(([, , , original]) => foldName(safeComponent(original)))).size).toBe(1);
          for (const [kind, , , original, name] of pair) {
            expect(name).toMatch(kind === "folder" ? /^[0-9a-f]{6}$/ : /^[0-9a-f]{6}(\.|$)/);
            expect(safeComponent(original).endsWith(name.slice(6))).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  it("are reported once each, with the first of their name", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        const { conflicts } = rootNamesOf(selections);
        const others = conflicts.map(([, [kind, selection, path]]) => `${kind} ${selection} ${path}`);
        // An item in two selected folders is there twice, and may be reported in both.
        const places = selections.filter(({ kind }) => kind === "folder").length + 1;
        const counts = Map.groupBy(others, (other) => other).values();
        for (const same of counts) expect(same.length).toBeLessThanOrEqual(places);
        // By themselves: in two folders the same digits may stand for two items.
        const { conflicts: pairs } = assignRootNames(selections, sha256);
        const firsts = new Set(pairs.map(([first]) => first));
        expect(pairs.filter(([, other]) => firsts.has(other))).toEqual([]);
      }),
    );
  });

  it("are the same every time", () => {
    fc.assert(
      fc.property(nastySelections, (selections) => {
        expect(rootNamesOf(selections)).toEqual(rootNamesOf(selections));
      }),
    );
  });
});

/** The name an object would have if nothing else were there. */
function ownNameOf(selections: readonly RootSelection[], index: number): string {
  let before = 0;
  for (const selection of selections) {
    const object = selection.objects[index - before];
    if (object !== undefined) return rootNamesOf([{ ...selection, objects: [object] }]).names[0] ?? "";
    before += selection.objects.length;
  }
  throw new RangeError(`There is no object ${index}`);
}
