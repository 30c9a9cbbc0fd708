import { crc32 } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { type S3Requests, watchS3 } from "./s3-requests.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;

/** Objects of every size class in the order of their keys, uploaded without a CRC-32 as by many clients; S3 keeps another checksum then. */
const bodies: Readonly<Record<string, Buffer>> = {
  "empty.txt": Buffer.alloc(0),
  "read at once.bin": patternBytes(1.5 * MiB, 1),
  "read in pieces.bin": patternBytes(9 * MiB + 1, 2),
  "small.txt": Buffer.from("small"),
  "zzz.txt": Buffer.from("the last one"),
};

async function putWithoutChecksums(stack: TestStack, folder: string): Promise<void> {
  for (const [name, Body] of Object.entries(bodies)) {
    const Key = `${folder}/${name}`;
    await stack.s3WithoutChecksums.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  }
}

function expectRightEntries(entries: Awaited<ReturnType<typeof entriesOf>>): void {
  expect(entries.map(({ name, crc32: value }) => [name, value])).toEqual(
    Object.entries(bodies).map(([name, body]) => [`objects/${name}`, crc32(body)]),
  );
  for (const { name, content } of entries) {
    expect(content.equals(bodies[name.slice("objects/".length)] ?? Buffer.of(1))).toBe(true);
  }
}

/** Requests about the objects, and none about the sample that the indexer may still be at. */
const aboutObjects = ({ lines }: S3Requests) => lines.filter((line) => line.includes("/objects/"));

/** From the middle of the central directory to the end of the archive. */
const lastBytes = 300;

describe("objects of which S3 keeps no CRC-32", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startQuietStack();
    await putWithoutChecksums(stack, "objects");
    return () => stack.close();
  });

  test("are read once when the ball is made, and not again for the central directory", async () => {
    const requests = watchS3(stack.s3Endpoint);
    const link = await stack.create([{ folder: "/objects" }]);
    expect(aboutObjects(requests).filter((line) => line.startsWith("GET"))).not.toEqual([]);
    const afterCreation = aboutObjects(requests).length;
    const end = await bytesOf(link, { Range: `bytes=-${lastBytes}` });
    expect(aboutObjects(requests).slice(afterCreation)).toEqual([]);
    const whole = await bytesOf(link);
    expectRightEntries(await entriesOf(whole));
    expect(whole.subarray(-lastBytes).equals(end)).toBe(true);
  });
});

describe("with no time for CRC-32s when the ball is made", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startQuietStack({ variables: { CRC_BUDGET_MS: "0" } });
    return () => stack.close();
  });

  /** A ball of objects that nobody learned anything of. */
  async function createOfNew(folder: string): Promise<string> {
    await putWithoutChecksums(stack, `${folder}/objects`);
    return await stack.create([{ folder: `/${folder}/objects` }]);
  }

  test("a download learns them on its way, and what it learned is kept", async () => {
    const link = await createOfNew("way");
    const head = await fetch(link, { method: "HEAD" });
    const whole = await bytesOf(link);
    expect(head.headers.get("content-length")).toBe(`${whole.length}`);
    expectRightEntries(await entriesOf(whole));
    const requests = watchS3(stack.s3Endpoint);
    const end = await bytesOf(link, { Range: `bytes=-${lastBytes}` });
    expect(end.equals(whole.subarray(-lastBytes))).toBe(true);
    expect(aboutObjects(requests)).toEqual([]);
    const again = await fetch(link);
    expect(again.headers.get("etag")).toBe(head.headers.get("etag"));
    expect(Buffer.from(await again.arrayBuffer()).equals(whole)).toBe(true);
  });

  test("the first request may ask for the central directory alone", async () => {
    const link = await createOfNew("end");
    const end = await bytesOf(link, { Range: `bytes=-${lastBytes}` });
    const whole = await bytesOf(link);
    expectRightEntries(await entriesOf(whole));
    expect(whole.subarray(-lastBytes).equals(end)).toBe(true);
  });

  test("the first requests may be many pieces at once", async () => {
    const link = await createOfNew("pieces");
    const length = Number((await fetch(link, { method: "HEAD" })).headers.get("content-length"));
    const pieceBytes = Math.ceil(length / 8);
    const ranges = Array.from(
      { length: 8 },
      (_, piece) => `bytes=${piece * pieceBytes}-${Math.min((piece + 1) * pieceBytes, length) - 1}`,
    );
    const pieces = await Promise.all(ranges.map((Range) => bytesOf(link, { Range })));
    expectRightEntries(await entriesOf(Buffer.concat(pieces)));
  });

  test("a client that leaves halfway loses nothing of what was learned", async () => {
    const link = await createOfNew("halfway");
    const prefix = await bytesOf(link, { Range: "bytes=0-99" });
    expectRightEntries(
      await entriesOf(Buffer.concat([prefix, await bytesOf(link, { Range: "bytes=100-" })])),
    );
  });
});
