import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "zipball-compressed-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rows = Buffer.alloc(10_000_000, "2026-11-22,open,1234.56,Zürich\n");
const picture = patternBytes(400_000, 1);
let stack: TestStack;
let link = "";

beforeAll(async () => {
  stack = await startTestStack();
  await stack.put({ "data/rows.csv": rows, "data/été/picture.JPG": picture, "data/empty.txt": "" });
  link = await stack.create([{ folder: "/data" }], { compression: "deflate" });
  return () => stack.close();
});

const expected = new Map([
  ["rows.csv", rows],
  ["picture.JPG", picture],
  ["empty.txt", Buffer.alloc(0)],
]);

async function expectWhole(zip: Buffer): Promise<void> {
  const entries = await entriesOf(zip);
  expect(entries.length).toBe(expected.size);
  for (const { name, content } of entries) expect(expected.get(basename(name))?.equals(content)).toBe(true);
}

test("a compressed ball is shorter than its objects, and has all of them", async () => {
  const zip = await bytesOf(link);
  expect(zip.length).toBeGreaterThan(picture.length);
  expect(zip.length).toBeLessThan(picture.length + rows.length / 50);
  await expectWhole(zip);
});

test("once it is made, its length and S3's entity tag are told, and it goes on where it ended", async () => {
  const zip = await bytesOf(link);
  const head = await fetch(link, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, `${zip.length}`]);
  const rest = await bytesOf(link, { Range: "bytes=1000-", "If-Range": head.headers.get("etag") ?? "" });
  expect(rest.equals(zip.subarray(1000))).toBe(true);
});

const clients = {
  curl: (url: string, file: string) => ["-sSfL", "--retry", "5", "-o", file, url],
  wget: (url: string, file: string) => ["-q", "--retry-on-http-error=503", "-O", file, url],
  aria2c: (url: string, file: string) => [
    ...["--quiet", "--no-conf", "--retry-wait=1", "-x", "4", "-s", "4", "-k", "1M", "--dir", folder],
    ...["--out", basename(file), url],
  ],
} as const;

for (const program of ["curl", "wget", "aria2c"] as const) {
  testWith([program, "unzip"], `${program} fetches one as it is made, and unzip finds no error`, async () => {
    const url = await stack.create([{ folder: "/data" }], { compression: "deflate" });
    const file = join(folder, `${program}.zip`);
    await runProgram(program, clients[program](url, file));
    await runProgram("unzip", ["-tqq", file]);
    await expectWhole(readFileSync(file));
  });
}
