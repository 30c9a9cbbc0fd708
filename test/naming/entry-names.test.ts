import { describe, expect, it } from "vitest";
import { entryNamesOf, type SourceName } from "./entry-names-of.ts";

/** Empty objects of these names. */
function sources(...names: string[]): SourceName[] {
  return names.map((name) => ({ name, sizeBytes: 0 }));
}

const older = (name: string, olderVersion: number): SourceName => ({ name, sizeBytes: 5, olderVersion });
const withData = (name: string): SourceName => ({ name, sizeBytes: 5 });

describe("entry names", () => {
  it.each<[string, SourceName[], (string | undefined)[]]>([
    ["nothing gets nothing", [], []],
    ["good names are kept", sources("a.txt", "b/c.txt", "b/d/"), ["a.txt", "b/c.txt", "b/d/"]],
    ["a leading slash is a folder without a name", sources("/etc/passwd"), ["_/etc/passwd"]],
    ["an empty component is one too", sources("a//b", "a/b"), ["a/_/b", "a/b"]],
    ["nothing leads out of the archive", sources("../../x", "a/../b", "./c"), ["__/__/x", "a/__/b", "_/c"]],
    ["a drive is a name like others", sources("C:/x", "C:\\x"), ["C_/x", "C__x"]],
    ["a device is none as a folder either", sources("aux/con.txt"), ["_aux/_con.txt"]],
    ["twins by letter case are numbered", sources("A.txt", "a.txt"), ["A.txt", "a (2).txt"]],
    ["twins by form are numbered", sources("\u00e9", "e\u0301"), ["\u00e9", "e\u0301 (2)"]],
    ["twins by replacement are numbered", sources("a:b", "a?b", "a*b"), ["a_b", "a_b (2)", "a_b (3)"]],
    [
      "both extensions of a tar stay behind the number",
      sources("X.tar.gz", "x.tar.gz"),
      ["X.tar.gz", "x (2).tar.gz"],
    ],
    ["a hidden file has no extension", sources(".ENV", ".env"), [".ENV", ".env (2)"]],
    ["a good name stays though another wants it first", sources("a:b", "a_b"), ["a_b (2)", "a_b"]],
    ["a good name stays though its number is wanted", sources("A", "a", "a (2)"), ["A", "a (3)", "a (2)"]],
    ["a file gives way to a folder of its name", sources("a", "a/b"), ["a (2)", "a/b"]],
    ["and to one by another case", sources("A/b", "a"), ["A/b", "a (2)"]],
    ["and to an empty folder", sources("a", "a/"), ["a (2)", "a/"]],
    ["and to a folder whose files are all renamed", sources("a", "a/x:"), ["a (2)", "a/x_"]],
    [
      "a good file does not give way to a folder with a made-up name",
      sources("a:/x", "a_"),
      ["a_ (2)/x", "a_"],
    ],
    ["nor to several such, which are one", sources("a:/x", "a?/x", "a_"), ["a_ (2)/x", "a_ (2)/x (2)", "a_"]],
    ["a renamed file gives way to a renamed folder", sources("a:", "a?/x"), ["a_ (2)", "a_/x"]],
    ["folders that are twins become one", sources("Dir/a", "dir/b", "DIR/c"), ["Dir/a", "Dir/b", "Dir/c"]],
    ["and their files are told apart", sources("Dir/a", "dir/A"), ["Dir/a", "Dir/A (2)"]],
    [
      "the file in the folder that kept its name goes first",
      sources("d/x", "D/a", "d/a"),
      ["d/x", "d/a (2)", "d/a"],
    ],
    ["twins among folders within twins too", sources("D/Sub/x", "d/sub/y"), ["D/Sub/x", "D/Sub/y"]],
    ["folders that are replaced alike become one", sources("a:/x", "a?/x"), ["a_/x", "a_/x (2)"]],
    ["a good spelling of a folder is preferred", sources("a:/x", "A_/y"), ["A_/x", "A_/y"]],
    ["an empty folder keeps its entry", sources("a/b/"), ["a/b/"]],
    ["markers of one folder make one entry", sources("a/", "A/"), ["a/", undefined]],
    ["the marker that is spelled right makes it", sources("A/x", "a/", "A/"), ["A/x", undefined, "A/"]],
    ["a renamed marker makes it when no other does", sources("A/x", "a/"), ["A/x", "A/"]],
    ["a key with data is a file though it ends in a slash", [withData("dir/")], ["dir_"]],
    ["beside the folder of that name", [withData("dir/"), withData("dir/x")], ["dir_", "dir/x"]],
    ["and beside the file of that name", [withData("dir/"), withData("dir_")], ["dir_ (2)", "dir_"]],
    ["slashes alone with data are files", [withData("/"), withData("//")], ["_ (2)", "_/_"]],
    ["slashes alone without data are folders", sources("/", "//"), ["_/", "_/_/"]],
    ["no name is a name missing", [withData("")], ["_"]],
    [
      "an older version has its number",
      [withData("a.txt"), older("a.txt", 3)],
      ["a.txt", "a (Version 3).txt"],
    ],
    ["in its folder", [older("d/e/a", 1), withData("d/e/a")], ["d/e/a (Version 1)", "d/e/a"]],
    [
      "both extensions of a tar stay behind the number of a version",
      [older("a.tar.gz", 12), withData("a.tar.gz")],
      ["a (Version 12).tar.gz", "a.tar.gz"],
    ],
    [
      "a hidden file's version has its number at the end",
      [withData(".profile"), older(".profile", 3)],
      [".profile", ".profile (Version 3)"],
    ],
    [
      "and one without extension too",
      [withData("Makefile"), older("Makefile", 1)],
      ["Makefile", "Makefile (Version 1)"],
    ],
    [
      "a version's number is put into the name that readers take",
      [withData("CON.txt"), older("CON.txt", 1), withData("a:"), older("a:", 2)],
      ["_CON.txt", "_CON (Version 1).txt", "a_", "a_ (Version 2)"],
    ],
    [
      "a version leaves an object the name that it has by itself",
      [older("a.txt", 1), withData("a.txt"), withData("a (Version 1).txt")],
      ["a (Version 1) (2).txt", "a.txt", "a (Version 1).txt"],
    ],
    [
      "and one whose name was replaced, too",
      [older("a_", 1), withData("a_"), withData("a: (Version 1)")],
      ["a_ (Version 1) (2)", "a_", "a_ (Version 1)"],
    ],
    [
      "and a folder",
      [older("a", 1), withData("a"), withData("a (Version 1)/b")],
      ["a (Version 1) (2)", "a", "a (Version 1)/b"],
    ],
    [
      "an older version with data of a folder's marker is a file",
      [...sources("d/"), older("d/", 1)],
      ["d/", "d_ (Version 1)"],
    ],
    [
      "and one without is the same folder",
      [...sources("d/"), { name: "d/", sizeBytes: 0, olderVersion: 1 }],
      ["d/", undefined],
    ],
    [
      "equal names that were asked for are numbered",
      [withData("x/y.zip"), withData("x/y.zip"), withData("X/Y.zip")],
      ["x/y.zip", "x/y (2).zip", "x/Y (3).zip"],
    ],
  ])("%s", (_, objects, names) => {
    expect(entryNamesOf(objects)).toEqual(names);
  });

  it("keep a numbered name within 255 bytes", () => {
    const long = `${"é".repeat(125)}.jpg`;
    expect(entryNamesOf(sources(long, long.toUpperCase()))).toEqual([long, `${"É".repeat(120)} (2).JPG`]);
  });

  it("keep the number of a version within 255 bytes", () => {
    const long = `${"é".repeat(125)}.jpg`;
    expect(entryNamesOf([withData(long), older(long, 1234)])).toEqual([
      long,
      `${"é".repeat(118)} (Version 1234).jpg`,
    ]);
  });

  it("number many twins without trying every number again", () => {
    const stem = "x".repeat(250);
    const objects = Array.from({ length: 50_000 }, (_, index) => ({
      name: `${stem}${String(index).padStart(6, "0")}`,
      sizeBytes: 1,
    }));
    expect(new Set(entryNamesOf(objects)).size).toBe(50_000);
  });

  it("stand up to keys of a thousand folders", () => {
    const slashes = "/".repeat(1023);
    expect(entryNamesOf([withData(`${slashes}a`)])).toEqual([`${"_/".repeat(1023)}a`]);
  });
});
