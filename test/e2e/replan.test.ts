import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { watchS3 } from "./s3-requests.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;

let stack: TestStack;
const remove = (Key: string) => stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key }));
const setVersioning = async (Status: "Enabled" | "Suspended") => {
  const VersioningConfiguration = { Status };
  await stack.s3.send(new PutBucketVersioningCommand({ Bucket: stack.bucket, VersioningConfiguration }));
};
const namesAndTexts = async (archive: Buffer) =>
  (await entriesOf(archive)).map(({ name, content }) => [name, `${content}`]);

const changes: [what: string, change: (key: string) => Promise<unknown>][] = [
  ["overwritten", (key) => stack.put({ [key]: "other" })],
  ["overwritten by as many bytes", (key) => stack.put({ [key]: "fIrst" })],
  ["deleted", (key) => remove(key)],
];

let ballCount = 0;
/** A ball of two objects in a folder of its own. */
async function ballOfTwo() {
  ballCount += 1;
  const folder = `ball-${ballCount}`;
  await stack.put({ [`${folder}/a.txt`]: "first", [`${folder}/b.txt`]: "second" });
  return { folder, link: await stack.create([{ folder: `/${folder}` }]) };
}

describe.each([
  ["that never kept versions", []],
  ["in which versioning is suspended", ["Suspended"]],
] as const)("in a bucket %s", (_kind, versionings) => {
  beforeAll(async () => {
    stack = await startQuietStack();
    for (const versioning of versionings) await setVersioning(versioning);
    return () => stack.close();
  });

  test.each(changes)("an object %s before the first byte is left out, and named", async (_what, change) => {
    const { folder, link } = await ballOfTwo();
    const before = await fetch(link, { method: "HEAD" });
    await change(`${folder}/a.txt`);
    const requests = watchS3(stack.s3Endpoint);
    const response = await fetch(link);
    const archive = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe(`${archive.length}`);
    expect(response.headers.get("etag")).not.toBe(before.headers.get("etag"));
    expect(Date.parse(response.headers.get("last-modified") ?? "")).toBeGreaterThan(
      Date.parse(before.headers.get("last-modified") ?? ""),
    );
    expect(await namesAndTexts(archive)).toEqual([
      [`${folder}/b.txt`, "second"],
      ["_skipped.txt", expect.stringContaining(`\n${folder}/a.txt: was changed or deleted`)],
    ]);
    // Two reads for the plan that was given up, one for the new one; nothing was asked beside them.
    expect(requests.lines.map((line) => line.split(" ")[0])).toEqual(["GET", "GET", "GET"]);
    const head = await fetch(link, { method: "HEAD" });
    for (const name of ["etag", "content-length", "last-modified"])
      expect(head.headers.get(name)).toBe(response.headers.get(name));
    expect((await bytesOf(link)).equals(archive)).toBe(true);
  });

  test("an object that was moved to an archive is left out, and named with that", async () => {
    const { folder, link } = await ballOfTwo();
    const [Key, Body] = [`${folder}/a.txt`, "first"];
    const { bucket: Bucket, s3 } = stack;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body, StorageClass: "GLACIER" }));
    const [first, note] = await namesAndTexts(await bytesOf(link));
    expect(first).toEqual([`${folder}/b.txt`, "second"]);
    expect(note).toEqual(["_skipped.txt", expect.stringContaining("a.txt: was moved to an archive")]);
  });

  test.each(changes)("all objects %s leave the text that names them", async (_what, change) => {
    const { folder, link } = await ballOfTwo();
    for (const name of ["a.txt", "b.txt"]) await change(`${folder}/${name}`);
    const [note, ...others] = await namesAndTexts(await bytesOf(link));
    expect(others).toEqual([]);
    expect(note).toEqual(["_skipped.txt", expect.stringMatching(/a\.txt: .*\n.*b\.txt: /)]);
  });
});

describe("in a bucket that keeps versions", () => {
  beforeAll(async () => {
    stack = await startQuietStack();
    await setVersioning("Enabled");
    return () => stack.close();
  });

  test.each(changes)("an object %s comes in the version the ball was made of", async (_what, change) => {
    const { folder, link } = await ballOfTwo();
    const before = await bytesOf(link);
    await change(`${folder}/a.txt`);
    expect((await bytesOf(link)).equals(before)).toBe(true);
  });

  test("a version that was itself deleted is left out", async () => {
    const { folder, link } = await ballOfTwo();
    const Key = `${folder}/a.txt`;
    const { VersionId } = await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key }));
    expect(VersionId).toBeDefined();
    const versions = await fetchVersions(Key);
    for (const version of versions)
      await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key, VersionId: version }));
    const [first, note] = await namesAndTexts(await bytesOf(link));
    expect(first).toEqual([`${folder}/b.txt`, "second"]);
    expect(note?.[0]).toBe("_skipped.txt");
  });

  test("a version stays when versioning is suspended and the object overwritten", async () => {
    const { folder, link } = await ballOfTwo();
    const before = await bytesOf(link);
    await setVersioning("Suspended");
    onTestFinished(() => setVersioning("Enabled"));
    await stack.put({ [`${folder}/a.txt`]: "without a version id" });
    expect((await bytesOf(link)).equals(before)).toBe(true);
  });

  async function fetchVersions(key: string): Promise<string[]> {
    const listing = await stack.s3.send(new ListObjectVersionsCommand({ Bucket: stack.bucket, Prefix: key }));
    return (listing.Versions ?? []).flatMap(({ VersionId }) => VersionId ?? []);
  }
});

describe("a client that goes on with a part of the plan before", () => {
  const folder = mkdtempSync(join(tmpdir(), "zipball-replan-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(async () => {
    stack = await startQuietStack();
    return () => stack.close();
  });
  const file = join(folder, "part.zip");

  /** A ball of which the first 3 MiB are in `file`, and whose last object is another by then. */
  async function partOfPlanBefore() {
    ballCount += 1;
    const key = `cut-${ballCount}`;
    await stack.put({ [`${key}/a.bin`]: patternBytes(6 * MiB, 1), [`${key}/z.txt`]: "last" });
    const link = await stack.create([{ folder: `/${key}` }]);
    const whole = await bytesOf(link);
    writeFileSync(file, whole.subarray(0, 3 * MiB));
    await stack.put({ [`${key}/z.txt`]: "another" });
    return { link, whole };
  }

  testWith(["curl"], "curl -C - joins nothing to it, neither when it comes first nor later", async () => {
    const { link, whole } = await partOfPlanBefore();
    for (let times = 0; times < 2; times += 1) {
      // It asked for a part, is answered the whole, and does not take it for the part.
      const resumed = runProgram("curl", ["-sS", "-C", "-", "-o", file, link]);
      await expect(resumed).rejects.toThrow(/ended with 33/);
      expect(readFileSync(file).equals(whole.subarray(0, 3 * MiB))).toBe(true);
    }
    await runProgram("curl", ["-sSf", "-o", file, link]);
    expect((await entriesOf(readFileSync(file))).map(({ name }) => name.split("/").at(-1))).toEqual([
      "a.bin",
      "_skipped.txt",
    ]);
  });

  testWith(["wget"], "wget -c joins nothing to it", async () => {
    const { link, whole } = await partOfPlanBefore();
    // More than the two plans have in common.
    const part = whole.subarray(0, -1);
    writeFileSync(file, part);
    await bytesOf(link);
    await expect(runProgram("wget", ["-nv", "-c", "-O", file, link])).rejects.toThrow(/ended with 8/);
    expect(readFileSync(file).equals(part)).toBe(true);
  });

  testWith(["curl"], "curl -C - goes on with the new plan when it names it", async () => {
    const { link } = await partOfPlanBefore();
    const response = await fetch(link);
    const whole = Buffer.from(await response.arrayBuffer());
    writeFileSync(file, whole.subarray(0, 4 * MiB));
    const condition = `If-Range: ${response.headers.get("etag")}`;
    await runProgram("curl", ["-sSf", "-C", "-", "-H", condition, "-o", file, link]);
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  test.each(["If-Range", "If-Match"])("is answered the whole for %s of that plan", async (condition) => {
    const { link } = await partOfPlanBefore();
    const etag = (await fetch(link, { method: "HEAD" })).headers.get("etag") ?? "";
    for (let times = 0; times < 2; times += 1) {
      const response = await openResponse(link, { Range: `bytes=${3 * MiB}-`, [condition]: etag });
      const { status, bytes, isWhole } = await readToEnd(response);
      expect({ status, isWhole }).toEqual({ status: 200, isWhole: true });
      expect(response.headers.etag).not.toBe(etag);
      expect(await entriesOf(bytes)).toHaveLength(2);
    }
  });

  test("is answered the plan before, where no new one was made and nothing it asks for is gone", async () => {
    const { link, whole } = await partOfPlanBefore();
    const rest = await bytesOf(link, { Range: `bytes=0-${MiB - 1}` });
    expect(rest.equals(whole.subarray(0, MiB))).toBe(true);
  });

  test("two clients at the same time are answered the same new plan", async () => {
    const { link } = await partOfPlanBefore();
    const answers = await Promise.all([1, 2, 3].map(() => fetch(link)));
    const bodies = await Promise.all(answers.map(async (answer) => Buffer.from(await answer.arrayBuffer())));
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
    for (const body of bodies) expect(body.equals(bodies[0] ?? Buffer.of())).toBe(true);
  });
});
