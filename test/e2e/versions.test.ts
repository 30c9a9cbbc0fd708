import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { pythonReader } from "../interop/zip-readers.ts";
import { testWith } from "../support/outside-programs.ts";
import { Paket } from "./paket.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, createBall, putObjects, startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  return () => stack.close();
});

const exe = { path: "/dir/myfile.exe" };

describe("in a bucket that keeps versions", () => {
  let paket: Paket;
  beforeAll(async () => {
    paket = await Paket.open(stack, "versioned", "Enabled");
    const bodies = [1, 2, 3, 4, 5, 6].map((number) => `upload ${number}`);
    await paket.upload("dir/myfile.exe", ...bodies);
    await paket.upload("dir/myfile2.exe", "first", "second");
    await paket.upload("dir/sub/notes.tar.gz", "notes 1", "notes 2");
    await paket.upload(".profile", "profile 1", "profile 2");
  });

  test("the ball of BitPaket's documentation has the names and contents of its documentation", async () => {
    const [, first] = await paket.versions("/dir/myfile2.exe");
    const revision = first?.revision.slice(0, 8);
    expect(await paket.contents(exe, { ...exe, version: 5 }, { path: "/dir/myfile2.exe", revision })).toEqual(
      {
        "myfile.exe": "upload 6",
        "myfile (Version 5).exe": "upload 5",
        "myfile2.exe": "first",
      },
    );
  });

  test("one version alone keeps its name, by number, revision or id", async () => {
    const [newest, fifth] = await paket.versions(exe.path);
    for (const one of [{ ...exe, version: 5 }, { ...exe, revision: fifth?.revision }, { id: fifth?.id }])
      expect(await paket.contents(one)).toEqual({ "myfile.exe": "upload 5" });
    expect(await paket.contents({ id: newest?.id })).toEqual({ "myfile.exe": "upload 6" });
  });

  test("the newest of several old versions has the name", async () => {
    expect(
      await paket.contents({ ...exe, version: 2 }, { ...exe, version: 4 }, { ...exe, version: 1 }),
    ).toEqual({
      "myfile (Version 2).exe": "upload 2",
      "myfile.exe": "upload 4",
      "myfile (Version 1).exe": "upload 1",
    });
  });

  test("old versions stand beside the newest that a folder brings, and keep their structure", async () => {
    const notes = { path: "/dir/sub/notes.tar.gz", version: 1 };
    expect(await paket.contents({ folder: "/dir" }, { ...exe, version: 3 }, notes)).toEqual({
      "dir/myfile.exe": "upload 6",
      "dir/myfile2.exe": "second",
      "dir/sub/notes.tar.gz": "notes 2",
      "dir/myfile (Version 3).exe": "upload 3",
      "dir/sub/notes (Version 1).tar.gz": "notes 1",
    });
  });

  test("the same version is there once, in however many ways it is selected", async () => {
    const [newest] = await paket.versions(exe.path);
    const ways = [
      exe,
      { ...exe, version: 6 },
      { id: newest?.id },
      { ...exe, revision: newest?.revision },
      exe,
    ];
    expect(await paket.contents(...ways)).toEqual({ "myfile.exe": "upload 6" });
    expect(await paket.contents({ folder: "/dir/" }, ...ways)).toEqual({
      "dir/myfile.exe": "upload 6",
      "dir/myfile2.exe": "second",
      "dir/sub/notes.tar.gz": "notes 2",
    });
    expect(await paket.contents(...ways.slice(1))).toEqual({ "myfile.exe": "upload 6" });
  });

  test("an override is the path in the zip, and leaves the names of the others alone", async () => {
    const override = "/my/custom/path/myfile.zip";
    const [one, two] = [await paket.idOf(exe.path, 1), await paket.idOf(exe.path, 2)];
    expect(await paket.contents({ id: one, override })).toEqual({ "my/custom/path/myfile.zip": "upload 1" });
    expect(await paket.contents({ id: one, override }, { id: two, override }, { id: one, override })).toEqual(
      {
        "my/custom/path/myfile.zip": "upload 1",
        "my/custom/path/myfile (2).zip": "upload 2",
      },
    );
    expect(await paket.contents(exe, { id: one, override: "old.exe" }, { id: one }, { id: one })).toEqual({
      "myfile.exe": "upload 6",
      "old.exe": "upload 1",
      "myfile (Version 1).exe": "upload 1",
    });
    expect(await paket.contents({ id: one, override: "../up" }, { path: "/dir/sub/notes.tar.gz" })).toEqual({
      "__/up": "upload 1",
      "notes.tar.gz": "notes 2",
    });
  });

  test("a dotfile has the number of its version at its end", async () => {
    const dotfile = { path: "/.profile" };
    expect(await paket.contents(dotfile, { ...dotfile, version: 1 })).toEqual({
      ".profile": "profile 2",
      ".profile (Version 1)": "profile 1",
    });
  });

  test("an object that has the name of a version by itself keeps it", async () => {
    await paket.upload("taken/a.txt", "1", "2");
    await paket.upload("taken/a (Version 1).txt", "own");
    expect(await paket.contents({ path: "/taken/a.txt", version: 1 }, { folder: "/taken" })).toEqual({
      "taken/a (Version 1) (2).txt": "1",
      "taken/a (Version 1).txt": "own",
      "taken/a.txt": "2",
    });
  });

  test("sixty versions of one path are in one ball", async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
    await paket.upload("many.log", ...numbers.map((number) => `line ${number}`));
    const contents = await paket.contents(...numbers.map((version) => ({ path: "/many.log", version })));
    const nameOf = (number: number) => (number === 60 ? "many.log" : `many (Version ${number}).log`);
    expect(contents).toEqual(Object.fromEntries(numbers.map((number) => [nameOf(number), `line ${number}`])));
  });

  testWith(["unzip", "python3"], "readers nobody here wrote list the same names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zipball-versions-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const archive = join(folder, "versions.zip");
    const id = await paket.idOf(exe.path, 1);
    const link = await createBall(stack.api, paket.token, [
      { folder: "/dir" },
      { ...exe, version: 5 },
      { id, override: "/o/ld.exe" },
    ]);
    writeFileSync(archive, await bytesOf(link));
    const names = [
      "dir/myfile.exe",
      "dir/myfile2.exe",
      "dir/sub/notes.tar.gz",
      "dir/myfile (Version 5).exe",
      "o/ld.exe",
    ];
    await runProgram("unzip", ["-tqq", archive]);
    const listed = await runProgram("unzip", ["-Z1", archive]);
    expect(listed.toString().trim().split("\n")).toEqual(names);
    const read = await pythonReader.read(archive, folder, "UTC");
    expect(read.map(({ name }) => name)).toEqual(names);
  });
});

describe("in a bucket without versions", () => {
  let paket: Paket;
  beforeAll(async () => {
    paket = await Paket.open(stack, "unversioned");
  });

  test("an object is its only version, and has its name in whatever way it is selected", async () => {
    await paket.upload("a.txt", "one");
    const id = await paket.idOf("/a.txt", null);
    const path = { path: "/a.txt" };
    const [only] = await paket.versions("/a.txt");
    for (const ways of [
      [{ id }],
      [path, { id }],
      [{ ...path, version: 1 }],
      [{ ...path, revision: only?.revision }, path],
    ])
      expect(await paket.contents(...ways)).toEqual({ "a.txt": "one" });
    expect(await paket.contents(path, { id, override: "b.txt" })).toEqual({ "a.txt": "one", "b.txt": "one" });
  });

  test("an object that was replaced is not found by its id and number any more", async () => {
    await paket.upload("b.txt", "one");
    const id = await paket.idOf("/b.txt", null);
    expect(await paket.contents({ path: "/b.txt", version: 1 })).toEqual({ "b.txt": "one" });
    await paket.upload("b.txt", "two");
    expect(await paket.problem({ id })).toMatchObject({ status: 404, reason: "version-not-found" });
    expect(await paket.problem({ path: "/b.txt", version: 1 })).toMatchObject({
      ...{ status: 404, at: "objects[0].version", reason: "version-not-found" },
    });
    expect(await paket.contents({ path: "/b.txt" })).toEqual({ "b.txt": "two" });
  });
});

describe("in a bucket whose versioning changed", () => {
  test("what was uploaded before it kept versions is the oldest version, behind younger ones", async () => {
    const paket = await Paket.open(stack, "grown");
    await paket.upload("a.txt", "before");
    await paket.setVersioning("Enabled");
    await paket.upload("a.txt", "after", "before");
    const all = [{ path: "/a.txt" }, { path: "/a.txt", version: 1 }, { path: "/a.txt", version: 2 }];
    expect(await paket.contents(...all)).toEqual({
      "a.txt": "before",
      "a (Version 1).txt": "before",
      "a (Version 2).txt": "after",
    });
    expect(await paket.contents({ id: await paket.idOf("/a.txt", 1) })).toEqual({ "a.txt": "before" });
  });

  test("a suspended bucket's upload replaces the one before it, and the numbered versions stay", async () => {
    const paket = await Paket.open(stack, "suspended", "Enabled");
    await paket.upload("a.txt", "first");
    await paket.setVersioning("Suspended");
    await paket.upload("a.txt", "second");
    const two = { path: "/a.txt", version: 2 };
    expect(await paket.contents(two, { path: "/a.txt", version: 1 })).toEqual({
      "a.txt": "second",
      "a (Version 1).txt": "first",
    });
    await paket.upload("a.txt", "third");
    expect(await paket.problem(two)).toMatchObject({
      ...{ status: 404, at: "objects[0].version", reason: "version-not-found" },
    });
    expect(await paket.contents({ path: "/a.txt" }, { path: "/a.txt", version: 1 })).toEqual({
      "a.txt": "third",
      "a (Version 1).txt": "first",
    });
  });

  test("a null version in a ball is delivered though a younger version was uploaded since", async () => {
    const paket = await Paket.open(stack, "resumed", "Suspended");
    await paket.upload("a.txt", "null version");
    const link = await createBall(stack.api, paket.token, [{ path: "/a.txt" }]);
    await paket.setVersioning("Enabled");
    await putObjects(stack.s3, paket.bucket, { "a.txt": "younger" });
    const [entry] = await entriesOf(await bytesOf(link));
    expect(entry?.content.toString()).toBe("null version");
  });
});
