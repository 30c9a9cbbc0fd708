import { truncateSync } from "node:fs";
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { combineCrcs } from "../../../local/s3/combine-crcs.ts";
import type { Store } from "../../../local/s3/store.ts";
import { testS3 } from "../../support/s3.ts";

const partCount = 10_000;
const partBytes = 5 * 1024 ** 3;
const wholeBytes = partCount * partBytes;
const Bucket = "filled";
/** Whatever S3 takes for it: nobody reads 48.8 TiB. */
const partCrc = Buffer.from("cbf43926", "hex");
const wholeCrc = combineCrcs(
  "CRC32",
  Array.from({ length: partCount }, () => ({ crc: partCrc, length: partBytes })),
).toString("base64");

const uploadIds = new Map<string, string>();
const s3 = testS3(fill);

/** Two uploads of as many and as large parts as there may be, all of them one body, which is a hole in a file. */
function fill(store: Store): void {
  store.buckets.create(Bucket, new Date());
  const writer = store.bodies.create();
  void writer.finish();
  store.commitBody({ bodyId: writer.id, size: partBytes, milestones: undefined }, () => {
    fillUpload(store, "a listed one", writer.id);
    fillUpload(store, "a completed one", writer.id);
  });
  truncateSync(store.bodies.pathOf(writer.id), partBytes);
}

function fillUpload(store: Store, key: string, bodyId: string): void {
  const bucket = store.buckets.find(Bucket);
  if (bucket === undefined) throw new Error("The bucket was not made");
  const described = { key, initiatedAt: 1_700_000_000, storageClass: "STANDARD", headers: {} };
  const checksum = {
    checksumAlgorithm: "CRC32",
    checksumType: "FULL_OBJECT",
    isChecksumChosen: true,
  } as const;
  const uploadId = store.uploads.create(bucket, { ...described, ...checksum });
  uploadIds.set(key, uploadId);
  const upload = store.uploads.find(bucket, key, uploadId);
  if (upload === undefined) throw new Error("The upload was not made");
  for (let number = 1; number <= partCount; number += 1) {
    const contentId = store.contents.add([{ bodyId, offset: 0, length: partBytes }]);
    const told = { etag: etagOf(number), checksumValue: partCrc.toString("base64") };
    store.uploads.putPart(upload, { number, size: partBytes, modifiedAt: 1_700_000_000, contentId, ...told });
  }
}

const etagOf = (number: number) => number.toString(16).padStart(32, "0");

async function listParts(Key: string): Promise<CompletedPart[][]> {
  const pages: CompletedPart[][] = [];
  const target = { Bucket, Key, UploadId: uploadIds.get(Key) };
  for (let marker: string | undefined, isMore = true; isMore; ) {
    const page = new ListPartsCommand({ ...target, PartNumberMarker: marker });
    const { Parts = [], NextPartNumberMarker, IsTruncated, ChecksumType } = await s3().client.send(page);
    expect(ChecksumType).toBe("FULL_OBJECT");
    pages.push(Parts.map(({ PartNumber, ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ChecksumCRC32 })));
    isMore = IsTruncated === true;
    marker = NextPartNumberMarker;
  }
  return pages;
}

const allParts: CompletedPart[] = Array.from({ length: partCount }, (_, index) => ({
  PartNumber: index + 1,
  ETag: `"${etagOf(index + 1)}"`,
  ChecksumCRC32: partCrc.toString("base64"),
}));

describe("an upload of 10,000 parts of 5 GiB", () => {
  test("is listed in pages of a thousand", async () => {
    const pages = await listParts("a listed one");
    expect(pages.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 1000));
    expect(pages.flat()).toEqual(allParts);
  });

  test("is listed among the uploads of its prefix", async () => {
    const { Uploads } = await s3().client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "a l" }));
    const checksum = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" };
    const [Key, UploadId] = ["a listed one", uploadIds.get("a listed one")];
    expect(Uploads).toMatchObject([{ Key, UploadId, ...checksum }]);
  });
});

describe("the object of 48.8 TiB made of it", () => {
  const target = { Bucket, Key: "a completed one" };
  const declared = { ChecksumCRC32: wholeCrc, ChecksumType: "FULL_OBJECT" } as const;
  beforeAll(async () => {
    const complete = { ...target, UploadId: uploadIds.get(target.Key), MultipartUpload: { Parts: allParts } };
    const lie = { ...complete, ...declared, MpuObjectSize: wholeBytes + 1 };
    const refused = s3().client.send(new CompleteMultipartUploadCommand(lie));
    await expect(refused).rejects.toMatchObject({ name: "InvalidRequest" });
    const truth = { ...complete, ...declared, MpuObjectSize: wholeBytes };
    const done = await s3().client.send(new CompleteMultipartUploadCommand(truth));
    expect(done).toMatchObject({ ...declared, ETag: expect.stringMatching(/-10000"$/) });
  });

  test("has that length and the CRC-32 that follows from its parts'", async () => {
    const head = await s3().client.send(new HeadObjectCommand({ ...target, ChecksumMode: "ENABLED" }));
    expect(head).toMatchObject({ ContentLength: wholeBytes, ...declared });
  });

  test("is copied in ranges of at most 5 GiB, and not at once", async () => {
    const { client } = s3();
    const CopySource = encodeURIComponent(`${Bucket}/${target.Key}`);
    const tooLarge = { name: "InvalidRequest" };
    const copy = { Bucket, Key: "a copy", CopySource };
    await expect(client.send(new CopyObjectCommand(copy))).rejects.toMatchObject(tooLarge);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: "a copy" }));
    const part = { ...copy, UploadId, PartNumber: 1 };
    await expect(client.send(new UploadPartCopyCommand(part))).rejects.toMatchObject(tooLarge);
    const range = { CopySourceRange: `bytes=1-${partBytes + 1}` };
    const ranged = client.send(new UploadPartCopyCommand({ ...part, ...range }));
    await expect(ranged).rejects.toMatchObject(tooLarge);
  });

  test.each([
    [partBytes - 3, partBytes + 4],
    [wholeBytes - partBytes - 1, wholeBytes - partBytes + 1],
    [wholeBytes - 5, wholeBytes],
  ])("answers the range from %i to %i", async (start, end) => {
    const Range = `bytes=${start}-${end - 1}`;
    const { Body, ContentRange } = await s3().client.send(new GetObjectCommand({ ...target, Range }));
    expect(ContentRange).toBe(`bytes ${start}-${end - 1}/${wholeBytes}`);
    expect(await Body?.transformToByteArray()).toHaveLength(end - start);
  });
});
