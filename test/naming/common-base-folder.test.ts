import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonBaseFolder } from "../../lambdas/naming/common-base-folder.ts";

describe("the folder that entry names are relative to", () => {
  it.each<[string, string[], string]>([
    ["nothing has the root", [], ""],
    ["a file at the root has the root", ["a.txt"], ""],
    ["a file has its folder", ["dir/a.txt"], "dir/"],
    ["a folder has its parent", ["a/b/"], "a/"],
    ["a folder at the root has the root", ["a/"], ""],
    ["files of one folder have that folder", ["d/e/a", "d/e/b"], "d/e/"],
    ["a file and its own folder have the folder's parent", ["dir/a.txt", "dir/"], ""],
    ["a file and another folder have what holds both", ["dir/a.txt", "other/"], ""],
    ["a shallow file decides over a deep one", ["d/e/f/g", "d/x"], "d/"],
    ["a deep file after a shallow one changes nothing", ["d/x", "d/e/f/g"], "d/"],
    ["an alike beginning of names is no folder", ["d/photos-1/a", "d/photos-2/a"], "d/"],
    ["a folder whose name begins another's is no parent", ["ab/x", "a/y"], ""],
    ["empty components count as folders", ["a//b", "a//c"], "a//"],
    ["a leading slash is a folder without a name", ["/x/a", "/y/a"], "/"],
    ["a leading slash on one side only is no common folder", ["/x/a", "x/a"], ""],
    ["the key that is one slash is at the root", ["/"], ""],
    ["two slashes are in the folder without a name", ["//"], "/"],
  ])("%s", (_, selected, base) => {
    expect(commonBaseFolder(selected)).toBe(base);
  });

  it("is a folder of every selected path and no deeper one would be", () => {
    const path = fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(path, { minLength: 1 }), (selected) => {
        const base = commonBaseFolder(selected);
        expect(base === "" || base.endsWith("/")).toBe(true);
        const rests = selected.map((each) => each.slice(base.length));
        expect(selected.every((each) => each.startsWith(base))).toBe(true);
        expect(rests).not.toContain("");
        const firsts = new Set(rests.map((rest) => /^[^/]*\/(?=.)/.exec(rest)?.[0]));
        expect(firsts.size > 1 || firsts.has(undefined)).toBe(true);
      }),
    );
  });
});
