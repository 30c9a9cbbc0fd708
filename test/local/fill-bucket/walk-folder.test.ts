import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type FolderItem, walkFolder } from "../../../local/fill-bucket/walk-folder.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("files get keys under the prefix, folder by folder, in the order of the names' bytes", async () => {
  const folder = folderOf({ "b.txt": "12", "a/c/d": "", "a.txt": "1", Ä: "", "a b": "" });
  expect(await keysOf(folder)).toEqual(["top/a/c/d", "top/a b", "top/a.txt", "top/b.txt", "top/Ä"]);
});

test("a file tells its size and its time of modification", async () => {
  const folder = folderOf({ "a.txt": "12345" });
  utimesSync(join(folder, "a.txt"), 1_000_000, 1_234_567.5);
  const path = join(folder, "a.txt");
  expect(await walk(folder)).toEqual([
    { kind: "file", key: "top/a.txt", path, size: 5, mtimeMs: 1_234_567_500 },
  ]);
});

test("an empty folder gets a key that ends in a slash, a folder with something in it none", async () => {
  const folder = folderOf({ "a/b": "" });
  mkdirSync(join(folder, "a/empty/within"), { recursive: true });
  expect(await keysOf(folder)).toEqual(["top/a/b", "top/a/empty/within/"]);
});

test("a folder without anything is a key of its own", async () => {
  expect(await walk(temporaryFolder())).toEqual([{ kind: "empty-folder", key: "top/" }]);
});

test("symbolic links are not followed, and a folder of nothing else counts as empty", async () => {
  const folder = folderOf({ "a.txt": "" });
  mkdirSync(join(folder, "links"));
  symlinkSync(folder, join(folder, "links/up"));
  symlinkSync("/nowhere", join(folder, "links/broken"));
  expect((await walk(folder)).map(({ kind }) => kind)).toEqual([
    ...["file", "symbolic-link", "symbolic-link", "empty-folder"],
  ]);
});

test("a name that is no UTF-8 is left out and said to be", async () => {
  const folder = folderOf({ good: "" });
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/bad`), Buffer.from([0xff])]), "");
  expect(await skippedIn(folder)).toEqual(["its name is not UTF-8"]);
});

test.each([
  [1024, true],
  [1025, false],
])("a key of %i bytes is taken: %s", async (length, isTaken) => {
  const deep = `${"x".repeat(250)}/`.repeat(5).slice(0, length - "top/".length - 2);
  const folder = folderOf({ [`${deep}/y`]: "" });
  expect(await skippedIn(folder)).toEqual(isTaken ? [] : ["its key would be longer than 1024 bytes"]);
});

test.skipIf(process.getuid?.() === 0)("a folder inside that can not be read is left out", async () => {
  const folder = folderOf({ "a.txt": "", "closed/b.txt": "" });
  chmodSync(join(folder, "closed"), 0);
  expect(await skippedIn(folder)).toHaveLength(1);
  chmodSync(join(folder, "closed"), 0o700);
});

test("the stack's own data is left out", async () => {
  const folder = folderOf({ "a.txt": "", "data/local.json": "" });
  const items = await walk(folder, join(folder, "data"));
  expect(items.map((item) => ("key" in item ? item.key : ""))).toEqual(["top/a.txt"]);
});

test("a folder that is not there is an error", async () => {
  await expect(walk(join(temporaryFolder(), "none"))).rejects.toMatchObject({ code: "ENOENT" });
});

function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

async function walk(path: string, except = ""): Promise<FolderItem[]> {
  const items: FolderItem[] = [];
  for await (const item of walkFolder({ path, keyPrefix: "top/", except })) items.push(item);
  return items;
}

async function keysOf(folder: string): Promise<string[]> {
  return (await walk(folder)).flatMap((item) => ("key" in item ? [item.key] : []));
}

async function skippedIn(folder: string): Promise<string[]> {
  return (await walk(folder)).flatMap((item) => (item.kind === "skipped" ? [item.why] : []));
}
