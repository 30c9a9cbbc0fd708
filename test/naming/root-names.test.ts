import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { RootSelection } from "../../lambdas/naming/item-tree.ts";
import { assignRootNames } from "../../lambdas/naming/root-names.ts";
import { file, folder, rootNamesOf, sha256 } from "./root-names-of.ts";

/** The digits of paths, told one from another at sight. */
const digitsOf = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 6);

describe("names at the root", () => {
  it.each<[string, RootSelection[], string[]]>([
    ["nothing gets nothing", [], []],
    ["a file stands there under its own name", [file("a/b/c.txt")], ["c.txt"]],
    ["a folder with all that is in it", [folder("a/b/", "1", "c/2")], ["b/1", "b/c/2"]],
    ["files of several folders beside each other", [file("a/x"), file("b/y"), file("z")], ["x", "y", "z"]],
    [
      "a file in a selected folder in both places, when it is selected itself",
      [folder("a/", "x"), file("a/x")],
      ["a/x", "x"],
    ],
    [
      "a folder in a selected folder in both places, when it is selected itself",
      [folder("a/", "b/x", "y"), folder("a/b/", "x")],
      ["a/b/x", "a/y", "b/x"],
    ],
    ["an empty folder has its entry", [folder("a/b/", "")], ["b/"]],
    ["within a folder too", [folder("a/", "", "b/", "c/d/")], ["a/", "a/b/", "a/c/d/"]],
    [
      "what readers do not take is replaced",
      [file("a/b:c"), folder("x/CON/", "..", "a//b")],
      ["b_c", "_CON/__", "_CON/a/_/b"],
    ],
    [
      "a key with data is a file though it ends in a slash",
      [folder("a/", ["", 5], ["b/", 5])],
      ["a_", "a/b_"],
    ],
    ["and when it is selected as a file", [file("a/b/", 5)], ["b_"]],
    ["a marker that is selected as a file is a folder", [file("a/b/", 0)], ["b/"]],
  ])("%s", (_, selections, names) => {
    expect(rootNamesOf(selections)).toEqual({ names, conflicts: [] });
  });

  it("of two that want one name are six digits and the extension, of both", () => {
    const [one, other] = [digitsOf("a/Report.pdf"), digitsOf("b/Report.pdf")];
    expect(rootNamesOf([file("a/Report.pdf"), file("b/Report.pdf")])).toEqual({
      names: [`${one}.pdf`, `${other}.pdf`],
      conflicts: [
        [
          ["file", 0, "a/Report.pdf", "Report.pdf", `${one}.pdf`],
          ["file", 1, "b/Report.pdf", "Report.pdf", `${other}.pdf`],
        ],
      ],
    });
  });

  it.each<[string, RootSelection[], string[]]>([
    ["by letter case", [file("a/x.TXT"), file("b/X.txt")], ["a/x.TXT .TXT", "b/X.txt .txt"]],
    ["by the form of accents", [file("a/\u00e9"), file("b/e\u0301")], ["a/\u00e9 ", "b/e\u0301 "]],
    [
      "by replacement",
      [file("a/x?.tar.gz"), file("b/x_.tar.gz")],
      ["a/x?.tar.gz .tar.gz", "b/x_.tar.gz .tar.gz"],
    ],
    ["folders", [folder("a/d.x/", "1"), folder("b/d.x/", "1")], ["a/d.x /1", "b/d.x /1"]],
    ["a folder and a file", [folder("a/x.txt/", "1"), file("b/x.txt")], ["a/x.txt /1", "b/x.txt .txt"]],
    ["hidden files, which have no extension", [file("a/.env"), file("b/.env")], ["a/.env ", "b/.env "]],
  ])("are one name's %s", (_, selections, expected) => {
    const named = expected.map((text) => {
      const [path = "", rest = ""] = text.split(" ");
      return digitsOf(path) + rest;
    });
    expect(rootNamesOf(selections).names).toEqual(named);
    expect(rootNamesOf(selections).conflicts).toHaveLength(1);
  });

  it("are looked at in every folder, and reported by their path", () => {
    const inside = folder("a/", "x/1.txt", "X/2.txt", "f", "F/3.txt", "g");
    const { names, conflicts } = rootNamesOf([inside]);
    expect(names).toEqual([
      `a/${digitsOf("a/x")}/1.txt`,
      `a/${digitsOf("a/X")}/2.txt`,
      `a/${digitsOf("a/f")}`,
      `a/${digitsOf("a/F")}/3.txt`,
      "a/g",
    ]);
    expect(conflicts).toEqual([
      [
        ["folder", undefined, "a/x", "x", digitsOf("a/x")],
        ["folder", undefined, "a/X", "X", digitsOf("a/X")],
      ],
      [
        ["folder", undefined, "a/F", "F", digitsOf("a/F")],
        ["file", undefined, "a/f", "f", digitsOf("a/f")],
      ],
    ]);
  });

  it("of three and more are paired with the first", () => {
    const { conflicts } = rootNamesOf([file("a/x"), file("b/x"), file("c/X"), folder("d/x/", "1")]);
    expect(conflicts.map((pair) => pair.map(([, selection]) => selection))).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
  });

  it("are digits anew when others have them", () => {
    const digests: Record<string, string> = {
      "a/x": "aaaaaa",
      "b/x": "aaaaaa",
      "b/x\n2": "abcdef",
      "b/x\n3": "bbbbbb",
    };
    const digest = (text: string) => digests[text] ?? "";
    const { names } = assignRootNames([file("a/x"), file("b/x"), file("c/ABCDEF")], digest);
    expect(names).toEqual(["aaaaaa", "bbbbbb", "ABCDEF"]);
  });

  it("tell versions of one path apart", () => {
    const { names } = rootNamesOf([file("a/x.txt"), file("a/x.txt")]);
    expect(names).toEqual([`${digitsOf("a/x.txt")}.txt`, `${digitsOf("a/x.txt\n2")}.txt`]);
  });

  it("stand up to keys of a thousand folders", () => {
    const slashes = "/".repeat(1000);
    expect(rootNamesOf([folder("a/", `${slashes}b`)]).names).toEqual([`a/${"_/".repeat(1000)}b`]);
  });
});

// Were the cost not linear, they would take hours.
describe("100,000 objects are named", () => {
  const count = 100_000;
  const numbers = Array.from({ length: count }, (_, index) => index);

  it.each<[string, RootSelection[], number]>([
    ["in many folders, without a conflict", [folder("a/", ...numbers.map((n) => `${n % 1000}/${n}.txt`))], 0],
    ["files of one name", numbers.map((n) => file(`${n}/x.txt`)), count - 1],
    ["versions of one path", numbers.map(() => file("d/x.txt")), count - 1],
    [
      "pairs in one folder",
      [folder("a/", ...numbers.map((n) => `${n % 2 ? "x" : "X"}${n >> 1}`))],
      count / 2,
    ],
  ])("%s", (_, selections, conflictCount) => {
    const { names, conflicts } = assignRootNames(selections, sha256);
    expect(new Set(names).size).toBe(count);
    expect(conflicts).toHaveLength(conflictCount);
  });
});
