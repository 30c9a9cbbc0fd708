import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { openResponse } from "./broken-download.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;

let stack: TestStack;
let link: string;
let whole: Buffer;
const folder = mkdtempSync(join(tmpdir(), "zipball-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  stack = await startTestStack();
  const small = Array.from({ length: 300 }, (_, index) => [`films/${index}.txt`, `text ${index}`] as const);
  const large = [18, 9, 13].map(
    (size) => [`films/${size}.bin`, patternBytes(size * MiB + size, size)] as const,
  );
  await stack.put(Object.fromEntries([...small, ...large]));
  link = await stack.create([{ folder: "/films" }]);
  whole = await bytesOf(link);
  return () => stack.close();
});

const inFolder = (name: string) => join(folder, name);
const isWhole = (file: string) => readFileSync(file).equals(whole);

testWith(["curl"], "curl -C - goes on wherever the download was cut", async () => {
  const length = whole.length;
  for (const cut of [
    1,
    29,
    1000,
    5 * MiB,
    Math.floor(length / 2),
    length - 40_000,
    length - 22,
    length - 1,
  ]) {
    const file = inFolder(`cut at ${cut}.zip`);
    await runProgram("curl", ["-sSf", "-r", `0-${cut - 1}`, "-o", file, link]);
    expect(readFileSync(file).length).toBe(cut);
    await runProgram("curl", ["-sSf", "-C", "-", "-o", file, link]);
    expect(isWhole(file)).toBe(true);
  }
});

testWith(["curl"], "curl -C - on a download that is already whole leaves it as it is", async () => {
  const file = inFolder("done.zip");
  writeFileSync(file, whole);
  // curl takes a 416 that comes with the file's own length for what it is: there is nothing left to do.
  await runProgram("curl", ["-sS", "-C", "-", "-o", file, link]);
  expect(isWhole(file)).toBe(true);
});

test("a download whose connection the client cut goes on with If-Range", async () => {
  const response = await openResponse(link);
  const etag = response.headers.etag ?? "";
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
    if (chunks.length === 20) break;
  }
  const prefix = Buffer.concat(chunks);
  const rest = await bytesOf(link, { Range: `bytes=${prefix.length}-`, "If-Range": etag });
  expect(Buffer.concat([prefix, rest]).equals(whole)).toBe(true);
});

testWith(["aria2c"], "aria2c -x 8 fetches it in parallel pieces", async () => {
  const options = [
    "-x",
    "8",
    "-s",
    "8",
    "-k",
    "1M",
    "--quiet",
    "--no-conf",
    "--allow-overwrite",
    "-d",
    folder,
  ];
  await runProgram("aria2c", [...options, "-o", "pieces.zip", link]);
  expect(isWhole(inFolder("pieces.zip"))).toBe(true);
});

testWith(["curl", "python3"], "Python's zipfile reads the resumed archive", async () => {
  const file = inFolder("for python.zip");
  await runProgram("curl", ["-sSf", "-r", "0-9999999", "-o", file, link]);
  await runProgram("curl", ["-sSf", "-C", "-", "-o", file, link]);
  const lister = join(import.meta.dirname, "..", "interop", "list_zip.py");
  const lines = (await runProgram("python3", [lister, file])).toString().split("\n");
  expect(lines.length - 1).toBe(303);
});

testWith(["curl"], "curl sees that a download was broken off", async () => {
  const key = "broken/last.txt";
  await stack.put({ "broken/first.bin": patternBytes(18 * MiB, 1), [key]: "last" });
  const broken = await stack.create([{ folder: "/broken" }]);
  await stack.put({ [key]: "another" });
  const download = runProgram("curl", ["-sS", "-o", inFolder("broken.zip"), broken]);
  await expect(download).rejects.toThrow(/ended with (18|56)/);
});
