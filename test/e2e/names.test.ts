import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { zipReaders } from "../interop/zip-readers.ts";
import { testWith } from "../support/outside-programs.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, startTestStack, type TestStack } from "./test-stack.ts";

/** Keys that S3 allows and that some reader or file system does not take as they are. */
const nastyKeys = [
  ...["../escape.txt", "../../escape.txt", "x/../../y.txt", "./here.txt", "/absolute.txt", "//double//slash"],
  ...[
    "a",
    "a/b",
    "a/b/c",
    "A",
    "a/",
    "a//",
    "file with data/",
    "folder with data/",
    "folder with data/inside",
  ],
  ...["N\u00e4me.txt", "Na\u0308me.txt", "ﬁ.txt", "fi.txt", "stra\u00dfe", "STRASSE", "\u0130", "i\u0307"],
  ...["CON", "con.txt", "aux/x", "NUL.tar.gz", "COM1", "lpt9.log", "a:b", "a\\b", "C:\\Windows\\x", "C:/x"],
  ...[
    "question?.txt",
    "star*",
    'quote"',
    "<less>",
    "pipe|",
    "tab\there",
    "new\nline",
    "bell\u0007",
    "\u0001",
  ],
  ...[
    "dot.",
    "dots...",
    "space ",
    " leading",
    "...",
    "trailing. ",
    "evil\u202egpj.exe",
    "\u2028",
    "\ufeffbom",
  ],
  ...[
    "a+b c%20d&e=f#g?h",
    "100%",
    "%2e%2e%2f",
    "日本語/ファイル.txt",
    "😀/😀.txt",
    "-rf",
    "~",
    "$HOME",
    "`id`",
  ],
  ...[`${"long".repeat(80)}.txt`, `${"深".repeat(100)}.txt`, "x".repeat(1024 - "nasty/".length)],
  ...[
    "same (2).txt",
    "sAme.txt",
    "same.txt",
    "SAME.TXT",
    "__",
    "_",
    "\u007f",
    "\u0085",
    "\ud83d\udc68\u200d\ud83d\udc69",
  ],
];
const bodyOf = (key: string) => `the body of ${JSON.stringify(key)}`;

let stack: TestStack;
let whole: Buffer;
let archive: string;
const workFolder = mkdtempSync(join(tmpdir(), "zipball-names-"));
afterAll(() => rmSync(workFolder, { recursive: true }));

beforeAll(async () => {
  stack = await startTestStack();
  await stack.put(Object.fromEntries(nastyKeys.map((key) => [`nasty/${key}`, bodyOf(key)])));
  whole = await bytesOf(await stack.create([{ folder: "/nasty" }]));
  archive = join(workFolder, "nasty.zip");
  writeFileSync(archive, whole);
  return () => stack.close();
});

const sorted = (values: Iterable<string>) => [...values].toSorted();

test("every object is in the archive exactly once", async () => {
  const entries = await entriesOf(whole);
  expect(sorted(entries.map(({ content }) => content.toString()))).toEqual(sorted(nastyKeys.map(bodyOf)));
  expect(new Set(entries.map(({ name }) => name.normalize("NFC").toUpperCase())).size).toBe(nastyKeys.length);
});

test("an object is found by the same nasty key alone, too", async () => {
  for (const key of nastyKeys) {
    const [entry, ...others] = await entriesOf(
      await bytesOf(await stack.create([{ path: `/nasty/${key}` }])),
    );
    expect(entry?.content.toString()).toBe(bodyOf(key));
    expect(others).toEqual([]);
  }
}, 60_000);

test("names that need no change have none", async () => {
  const names = new Set((await entriesOf(whole)).map(({ name }) => name));
  for (const kept of [
    "nasty/a/b/c",
    "nasty/日本語/ファイル.txt",
    "nasty/a+b c%20d&e=f#g_h",
    "nasty/😀/😀.txt",
  ]) {
    expect(names).toContain(kept);
  }
});

testWith(["unzip"], "unzip -t finds no fault", async () => {
  await runProgram("unzip", ["-tqq", archive]);
});

for (const reader of zipReaders) {
  testWith(reader.programs, `${reader.name} reads every object once`, async () => {
    const expected = nastyKeys.map((key) => crc32(bodyOf(key)));
    const found = (await reader.read(archive, workFolder, "UTC")).map((entry) => entry.crc32);
    expect(found.toSorted((one, other) => one - other)).toEqual(
      expected.toSorted((one, other) => one - other),
    );
  });
}
