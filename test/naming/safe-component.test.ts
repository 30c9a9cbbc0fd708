import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSafeComponent, safeComponent } from "../../lambdas/naming/safe-component.ts";
import { faultsOfComponent } from "./reader-rules.ts";

const e255 = `${"é".repeat(127)}x`;

describe("a safe component", () => {
  it.each([
    ["a plain name", "report 2024 (final) #1 & more!.pdf"],
    ["a hidden file", ".profile"],
    ["a leading space", " a"],
    ["letters of any script", "Übersicht 報告書 отчёт 🎉.txt"],
    ["an emoji joined of several", "👩‍👩‍👧.png"],
    ["decomposed letters", "re\u0301sume\u0301.txt"],
    ["255 bytes", "x".repeat(255)],
    ["255 bytes of longer characters", e255],
    ["a name that only begins like a device", "CONSOLE.txt"],
    ["a device beyond the ninth", "COM10"],
    ["a device's name as an extension", "a.nul"],
    ["dots within", "a..b...c"],
  ])("leaves %s", (_, name) => {
    expect(safeComponent(name)).toBe(name);
  });

  it.each([
    ["no name", "", "_"],
    ["this folder", ".", "_"],
    ["the parent folder", "..", "__"],
    ["dots at the end", "etc...", "etc___"],
    ["a space at the end", "a. ", "a__"],
    ["only spaces", "  ", "__"],
    ["NUL", "a\0b", "a_b"],
    ["control characters", "\u0001\n\t\u001f\u007f\u0085\u009f", "_______"],
    ["a backslash", "..\\x", ".._x"],
    ["a drive", "C:", "C_"],
    ["what Windows refuses", '<>:"|?*', "_______"],
    ["a slash, of a key with data that ends in one", "dir/", "dir_"],
    ["a reversed reading direction", "photo\u202egpj.exe", "photo_gpj.exe"],
    ["isolates and marks", "\u2066\u2069\u200e\u200f\u061c", "_____"],
    ["line separators", "a\u2028b\u2029", "a_b_"],
    ["half a surrogate pair", "a\ud800b\udc00", "a_b_"],
    ["code points that are no characters", "\ufffe\uffff\ufdd0\u{1fffe}", "____"],
    ["a device", "NUL", "_NUL"],
    ["a device in small letters with an extension", "con.tar.gz", "_con.tar.gz"],
    ["a device with spaces before its extension", "Aux  .h", "_Aux  .h"],
    ["a device with a superscript digit", "COM¹.log", "_COM¹.log"],
    ["a device by colon", "LPT9:", "LPT9_"],
    ["a console device", "conout$", "_conout$"],
  ])("replaces %s", (_, name, given) => {
    expect(safeComponent(name)).toBe(given);
  });

  it.each([
    ["256 bytes", "x".repeat(256), "x".repeat(255)],
    ["256 bytes with an extension", `${"x".repeat(251)}.jpeg`, `${"x".repeat(250)}.jpeg`],
    ["a double extension", `${"x".repeat(300)}.tar.gz`, `${"x".repeat(248)}.tar.gz`],
    ["an extension longer than any", `a.${"x".repeat(300)}`, `a.${"x".repeat(253)}`],
    ["a character over the limit", `${e255}é`, e255],
    ["four-byte characters", "🎉".repeat(64), "🎉".repeat(63)],
    ["a cut behind a dot", `${"x".repeat(254)}. y`, `${"x".repeat(254)}_`],
    ["a cut that would leave a device", `con${" ".repeat(250)}x.txt`, `con${"_".repeat(248)}.txt`],
    ["a device that grows over the limit", `nul.${"x".repeat(251)}`, `_nul.${"x".repeat(250)}`],
  ])("shortens %s", (_, name, given) => {
    expect(safeComponent(name)).toBe(given);
    expect(Buffer.byteLength(given)).toBeLessThanOrEqual(255);
  });

  it("has no fault, whatever it is made of, and is left as it is the second time", () => {
    const nasty = fc.constantFrom(
      ..."aA .:\\/é",
      "CON",
      "nul",
      "\u202e",
      "\ud83d",
      "🎉",
      ".tar",
      "x".repeat(60),
    );
    const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));
    const utf16 = fc.string({ unit: codeUnit });
    const component = fc.oneof(fc.string({ unit: nasty }), fc.string({ unit: "binary" }), utf16);
    fc.assert(
      fc.property(component, (name) => {
        const given = safeComponent(name);
        expect(faultsOfComponent(given)).toEqual([]);
        expect(isSafeComponent(given)).toBe(true);
      }),
    );
  });

  it("is the name itself whenever that has no fault", () => {
    const unit = fc.constantFrom(..."aZ09 ._-~'()[]{}!#$%&+,;=@^`éß報", "con", "com1");
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), (name) => {
        fc.pre(faultsOfComponent(name).length === 0);
        expect(safeComponent(name)).toBe(name);
      }),
    );
  });
});
