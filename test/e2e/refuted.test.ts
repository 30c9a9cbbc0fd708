import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { keepWrongCrc32 } from "./keep-wrong-crc32.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { corruptStoredBody } from "./stored-body.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), "zipball-refuted-"));
const file = join(folder, "archive.zip");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(file, { force: true }));

let stack: TestStack;
beforeAll(async () => {
  stack = await startQuietStack();
  return () => stack.close();
});

let ballCount = 0;

/** A ball of a large object, and of a small one behind it. */
async function makeBall(prepare: (key: string, body: Buffer) => Promise<void>, mebibytes = 5) {
  ballCount += 1;
  const body = patternBytes(mebibytes * MiB, ballCount);
  const key = `${ballCount}/large.bin`;
  await stack.put({ [key]: body, [`${ballCount}/z.txt`]: "last" });
  await prepare(key, body);
  return { link: await stack.create([{ folder: `/${ballCount}` }]), body };
}

const putWithoutCrc32 = (Key: string, Body: Buffer) =>
  stack.s3WithoutChecksums.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));

/** S3 keeps no CRC-32 of it, and what is known of it is wrong. */
const withWrongCrc32 = () =>
  makeBall(async (key, body) => {
    await putWithoutCrc32(key, body);
    await keepWrongCrc32(stack, key);
  });

/** S3 keeps the CRC-32 of what was put, and serves other bytes. */
async function withWrongBytes() {
  const ball = await makeBall(async () => {});
  return { ...ball, mend: corruptStoredBody(stack.dataDir, ball.body) };
}

const curl = (...programArguments: string[]) => runProgram("curl", ["-sS", "-o", file, ...programArguments]);
const etagOf = async (link: string) => (await fetch(link, { method: "HEAD" })).headers.get("etag") ?? "";

async function expectRight(archive: Buffer, body: Buffer): Promise<void> {
  const [large, small, ...others] = await entriesOf(archive);
  expect(large?.content.equals(body)).toBe(true);
  expect(`${small?.content}`).toBe("last");
  expect(others).toEqual([]);
}

describe("a body that does not have the CRC-32 that was known of it", () => {
  testWith(["curl", "unzip"], "curl -C - completes nothing; a new download is right", async () => {
    const { link, body } = await withWrongCrc32();
    const etag = await etagOf(link);
    await expect(curl(link)).rejects.toThrow(/ended with (18|56)/);
    const part = readFileSync(file);
    expect(part.length).toBeGreaterThan(MiB);
    expect(part.length).toBeLessThan(body.length);
    for (const condition of [[], ["-H", `If-Range: ${etag}`]]) {
      await expect(curl("-C", "-", ...condition, link)).rejects.toThrow(/ended with 33/);
      expect(readFileSync(file).equals(part)).toBe(true);
    }
    await curl("-f", link);
    await expectRight(readFileSync(file), body);
    await runProgram("unzip", ["-tq", file]);
  });

  testWith(["curl"], "what is right by then can be gone on with", async () => {
    const { link, body } = await withWrongCrc32();
    await expect(curl(link)).rejects.toThrow(/ended with/);
    const etag = await etagOf(link);
    await curl("-f", "-r", `0-${3 * MiB}`, "-H", `If-Range: ${etag}`, link);
    await curl("-f", "-C", "-", "-H", `If-Range: ${etag}`, link);
    await expectRight(readFileSync(file), body);
  });

  testWith(["wget"], "wget, which goes on by itself, completes nothing", async () => {
    const { link, body } = await withWrongCrc32();
    await expect(runProgram("wget", ["-nv", "-O", file, link])).rejects.toThrow(/ended with 8/);
    expect(readFileSync(file).length).toBeLessThan(body.length);
    await expectRight(await bytesOf(link), body);
  });

  test.each(["If-Range", "If-Match"])("%s of the plan before is answered the whole", async (condition) => {
    const { link, body } = await withWrongCrc32();
    const etag = await etagOf(link);
    const { bytes, isWhole } = await readToEnd(await openResponse(link));
    expect(isWhole).toBe(false);
    const response = await fetch(link, { headers: { Range: `bytes=${bytes.length}-`, [condition]: etag } });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).not.toBe(etag);
    await expectRight(Buffer.from(await response.arrayBuffer()), body);
  });

  test("two clients at the same time find one new plan", async () => {
    const { link, body } = await withWrongCrc32();
    const before = await etagOf(link);
    const ends = await Promise.all([1, 2].map(async () => readToEnd(await openResponse(link))));
    expect(ends.map(({ isWhole }) => isWhole)).toEqual([false, false]);
    const after = await etagOf(link);
    expect(after).not.toBe(before);
    await expectRight(await bytesOf(link), body);
    expect(await etagOf(link)).toBe(after);
  });
});

describe("a body that does not have the CRC-32 that S3 keeps of it", () => {
  testWith(["curl", "unzip"], "completes no download, however often it is gone on with", async () => {
    const { link, body, mend } = await withWrongBytes();
    await expect(curl(link)).rejects.toThrow(/ended with (18|56)/);
    const part = readFileSync(file);
    expect(part.length).toBeGreaterThan(MiB);
    for (let times = 0; times < 2; times += 1) {
      const etag = await etagOf(link);
      await expect(curl("-C", "-", link)).rejects.toThrow(/ended with 33/);
      expect(readFileSync(file).equals(part)).toBe(true);
      expect((await readToEnd(await openResponse(link))).isWhole).toBe(false);
      expect(await etagOf(link)).not.toBe(etag);
    }
    mend();
    await curl("-f", link);
    await expectRight(readFileSync(file), body);
    await runProgram("unzip", ["-tq", file]);
  });
});

test.each([0.5, 1.5, 5])(
  "a body of %d MiB that does not have the MD5 it was uploaded with is never taken for a good one",
  async (mebibytes) => {
    // S3 keeps no CRC-32 of it; it was read for it when the ball was made.
    const { link, body } = await makeBall(async (key, bytes) => {
      await putWithoutCrc32(key, bytes);
    }, mebibytes);
    const mend = corruptStoredBody(stack.dataDir, body);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { status, isWhole } = await readToEnd(await openResponse(link));
      expect(status === 502 || !isWhole).toBe(true);
    }
    mend();
    await expectRight(await bytesOf(link), body);
  },
);
