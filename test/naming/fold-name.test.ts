import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldName } from "../../lambdas/naming/fold-name.ts";

describe("a folded name", () => {
  it.each([
    ["letter case", "ReadMe", "README"],
    ["letter case beyond ASCII", "ÜBUNG Жар", "übung жАР"],
    ["composed and decomposed letters", "caf\u00e9", "cafe\u0301"],
    ["both at once", "CAF\u00c9", "cafe\u0301"],
    ["the order of marks", "a\u0323\u0307", "a\u0307\u0323"],
    ["marks that turn into letters", "\u03b1\u0345\u0301", "\u1fb4"],
    ["sharp s in all spellings", "Straße STRAẞE", "STRASSE straSSe"],
    ["the sigmas", "ΟΔΟΣ οδος", "οδοσ ΟΔΟσ"],
    ["the Kelvin sign", "\u212a", "k"],
    ["a ligature", "ﬁ", "FI"],
  ])("is one for %s", (_, one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  it("keeps other names apart", () => {
    const names = ["a", "b", "a b", "ab", "á", "ä", "a_", "ａ"];
    expect(new Set(names.map(foldName)).size).toBe(names.length);
  });

  it("is one for every form and case of a name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const folded = foldName(name);
        expect(foldName(name.normalize("NFC"))).toBe(folded);
        expect(foldName(name.normalize("NFD"))).toBe(folded);
        expect(foldName(name.toLowerCase())).toBe(folded);
      }),
      { numRuns: 1000 },
    );
  });
});
