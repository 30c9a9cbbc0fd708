import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { pythonReader } from "../interop/zip-readers.ts";
import { testWith } from "../support/outside-programs.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { type S3Requests, watchS3 } from "./s3-requests.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
const partSize = 5 * MiB;

/** One object of every kind that clients leave behind, by what S3 keeps of it, in the order of their keys. */
const bodies = {
  "crc32 of the object": patternBytes(MiB, 1),
  "crc32 of the object in parts": patternBytes(partSize + 3, 2),
  "crc32 of the parts": patternBytes(2 * partSize + 17, 3),
  "crc64 alone": patternBytes(MiB + 1, 4),
  "nothing from the client": patternBytes(MiB + 2, 5),
} as const;
type Kind = keyof typeof bodies;

async function putAll({ s3, s3WithoutChecksums, bucket: Bucket }: TestStack): Promise<void> {
  const inputOf = (kind: Kind) => ({ Bucket, Key: `objects/${kind}`, Body: bodies[kind] });
  const inParts = (kind: Kind, more: { ChecksumAlgorithm?: "CRC32"; ChecksumType?: "FULL_OBJECT" } = {}) =>
    new Upload({ client: s3, params: { ...inputOf(kind), ...more }, partSize }).done();
  await s3.send(new PutObjectCommand(inputOf("crc32 of the object")));
  await inParts("crc32 of the parts");
  await inParts("crc32 of the object in parts", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  await s3.send(new PutObjectCommand({ ...inputOf("crc64 alone"), ChecksumAlgorithm: "CRC64NVME" }));
  await s3WithoutChecksums.send(new PutObjectCommand(inputOf("nothing from the client")));
}

/** What was asked of each object, from a request on; of one that is not named nothing. */
function askedOf({ targets }: S3Requests, from = 0): Record<string, string[]> {
  const asked: Record<string, string[]> = {};
  for (const target of targets.slice(from)) {
    const [method = "", path = ""] = target.split(" ");
    const { pathname, searchParams } = new URL(path, "http://s3");
    const key = decodeURIComponent(pathname).split("/objects/")[1];
    if (key === undefined) continue;
    asked[key] = [...(asked[key] ?? []), searchParams.has("attributes") ? "attributes" : method];
  }
  return asked;
}

const create = (stack: TestStack) => stack.create([{ folder: "/objects" }]);

async function expectRight(archive: Buffer): Promise<void> {
  const entries = await entriesOf(archive);
  expect(entries.map(({ name, crc32: value }) => [name, value])).toEqual(
    Object.entries(bodies).map(([kind, body]) => [`objects/${kind}`, crc32(body)]),
  );
}

const asked = {
  "crc32 of the object": ["HEAD"],
  "crc32 of the parts": ["HEAD", "attributes"],
  "crc32 of the object in parts": ["HEAD"],
  "crc64 alone": ["HEAD", "GET"],
  "nothing from the client": ["HEAD", "GET"],
};

describe.each(["Unversioned", "Enabled"] as const)("in a bucket whose versioning is %s", (versioning) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startQuietStack();
    if (versioning === "Enabled") {
      const VersioningConfiguration = { Status: versioning };
      await stack.s3.send(new PutBucketVersioningCommand({ Bucket: stack.bucket, VersioningConfiguration }));
    }
    await putAll(stack);
    return () => stack.close();
  });

  test("objects are read only where S3 keeps no CRC-32 of them or their parts, and nothing is asked twice", async () => {
    const requests = watchS3(stack.s3Endpoint);
    const first = await create(stack);
    expect(askedOf(requests)).toEqual(asked);
    const afterFirst = requests.targets.length;
    const second = await create(stack);
    expect(askedOf(requests, afterFirst)).toEqual({});
    const afterSecond = requests.targets.length;
    const archive = await bytesOf(second);
    await expectRight(archive);
    // Bodies are read to be sent, and for nothing else.
    const read = Object.values(askedOf(requests, afterSecond)).flat();
    expect(new Set(read)).toEqual(new Set(["GET"]));
    const byteCount = Object.values(bodies).reduce((sum, { length }) => sum + length, 0);
    expect(read.length).toBeLessThanOrEqual(Math.ceil(byteCount / MiB));
    expect((await bytesOf(first)).equals(archive)).toBe(true);
  });

  test("a ball made of what was known is held still like any other", async () => {
    const link = await create(stack);
    const Key = "objects/crc32 of the object";
    const put = (Body: Buffer) => stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
    await put(patternBytes(MiB, 77));
    onTestFinished(async () => void (await put(bodies["crc32 of the object"])));
    if (versioning === "Enabled") await expectRight(await bytesOf(link));
    else {
      const entries = await entriesOf(await bytesOf(link));
      expect(entries.map(({ name }) => name)).not.toContain(Key);
    }
  });

  testWith(["unzip", "python3"], "unzip and Python read every one of them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "zipball-sources-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "ball.zip");
    await writeFile(file, await bytesOf(await create(stack)));
    await runProgram("unzip", ["-tqq", file]);
    const read = await pythonReader.read(file, folder, "UTC");
    expect(read.map(({ name, crc32: value }) => [name, value])).toEqual(
      Object.entries(bodies).map(([kind, body]) => [`objects/${kind}`, crc32(body)]),
    );
  });
});

test("what a download learned of bytes that passed is not read again for another ball", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "zipball-sources-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const hurried = await startQuietStack({ dataDir, variables: { CRC_BUDGET_MS: "0" } });
  try {
    await putAll(hurried);
    const requests = watchS3(hurried.s3Endpoint);
    const link = await create(hurried);
    expect(askedOf(requests)).toEqual({});
    await expectRight(await bytesOf(link));
  } finally {
    await hurried.close();
  }
  const stack = await startQuietStack({ dataDir });
  try {
    const requests = watchS3(stack.s3Endpoint);
    const link = await create(stack);
    expect(Object.values(askedOf(requests)).flat()).not.toContain("GET");
    await expectRight(await bytesOf(link));
  } finally {
    await stack.close();
  }
});
