import { describe, expect, it } from "vitest";
import { entryNamesOf, type SourceName } from "./entry-names-of.ts";

/** Empty objects of these names. */
function sources(...names: string[]): SourceName[] {
  return names.map((name) => ({ name, sizeBytes: 0 }));
}

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
  ])("%s", (_, objects, names) => {
    expect(entryNamesOf(objects)).toEqual(names);
  });

  it("keep a numbered name within 255 bytes", () => {
    const long = `${"é".repeat(125)}.jpg`;
    expect(entryNamesOf(sources(long, long.toUpperCase()))).toEqual([long, `${"É".repeat(120)} (2).JPG`]);
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
