import { crc32 } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { archivesBucket, sourceBucket } from "../../bench/assembly/account.ts";
import { ballOf } from "../../bench/assembly/bench-ball.ts";
import { bytesOfBody, crc32OfBody, describeLargeObjects } from "../../bench/assembly/describe-objects.ts";
import { fillStore } from "../../bench/assembly/fill-store.ts";
import { checkArchive, checkWholeCrc32 } from "../../bench/assembly/made-archive.ts";
import { bytesOf, setAt, setNames } from "../../bench/assembly/sets.ts";
import { dollarsOf, scaledTaken, type Taken, togetherTaken } from "../../bench/assembly/taken.ts";
import { kindOf, noTraffic } from "../../bench/assembly/traffic.ts";
import { wholeCrc32 } from "../../bench/assembly/whole-crc32.ts";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { estimateAssembly } from "../../lambdas/parts/estimate-assembly.ts";
import { planParts } from "../../lambdas/parts/plan-parts.ts";
import { assemblyPrices } from "../../lambdas/parts/prices.ts";
import { testS3 } from "../support/s3.ts";

describe("sets", () => {
  test("the mixture has 100,000 objects of a tebibyte together", () => {
    const { objects } = setAt("mixed", 1);
    expect(objects).toHaveLength(100_000);
    expect(bytesOf(objects) / 1024 ** 4).toBeCloseTo(1, 9);
    expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
  });

  test.each(setNames)("samples of %s stand for all of its objects, at any scale", (name) => {
    for (const scale of [0.001, 0.05, 1]) {
      const { objects, samples } = setAt(name, scale);
      const all = samples.flatMap(({ standsFor }) => standsFor.map(({ key }) => key));
      expect(all.toSorted()).toEqual(objects.map(({ key }) => key).toSorted());
      expect(bytesOf(samples.flatMap((sample) => sample.objects))).toBeLessThan(5 * 1024 ** 3);
    }
  });
});

describe("bodies", () => {
  test.each([0, 1, 4_194_301, 4_194_302, 13_000_000])(
    "the CRC-32 of %d bytes is that of its bytes",
    (size) => {
      expect(crc32OfBody("some/key", size)).toBe(crc32(bytesOfBody("some/key", 0, size)));
    },
  );
});

/** The last is longer than the file all bodies are cut from. */
const objects = describeLargeObjects([
  { key: "empty", sizeBytes: 0 },
  { key: "small", sizeBytes: 1000 },
  { key: "folder/large", sizeBytes: 150_000_000 },
]);
const s3 = testS3((store) => fillStore(store, { bucket: sourceBucket, objects }, [archivesBucket]));

describe("the S3", () => {
  test.each([0, 60_000_000, 67_000_000, 149_800_000])(
    "has the bytes of an object at %d, and its CRC-32",
    async (start) => {
      const { client } = s3();
      const end = start + 200_000;
      const object = { Bucket: sourceBucket, Key: "folder/large" };
      const { Body } = await client.send(
        new GetObjectCommand({ ...object, Range: `bytes=${start}-${end - 1}` }),
      );
      const found = Buffer.from((await Body?.transformToByteArray()) ?? []);
      expect(found.equals(bytesOfBody("folder/large", start, end))).toBe(true);
      const head = await client.send(new HeadObjectCommand({ ...object, ChecksumMode: "ENABLED" }));
      expect(Buffer.from(head.ChecksumCRC32 ?? "", "base64").readUInt32BE()).toBe(objects[2]?.crc32);
    },
  );
});

describe("an archive", () => {
  const packed = objects.map((object) => ({ ...object, sizeBytes: Math.min(object.sizeBytes, 70_000) }));
  const entries = describeLargeObjects(packed);
  const { layout } = ballOf(entries);
  const crc32Of = (entry: number) => entries[entry]?.crc32 ?? 0;
  const whole = Buffer.concat(
    [...sliceLayout(layout, { start: 0, end: layout.lengthBytes })].map((slice) =>
      isHeaderSlice(slice)
        ? encodeSlice(layout, slice, crc32Of)
        : bytesOfBody(entries[slice.entry]?.key ?? "", slice.start, slice.end),
    ),
  );

  test("has the CRC-32 that is reckoned from its layout", () => {
    expect(wholeCrc32(layout, crc32Of)).toBe(crc32(whole));
  });

  test("is found right as it is, and not with another byte or of other objects", async () => {
    const { put, client } = s3();
    const archive = { key: "right.zip", lengthBytes: whole.length };
    await put(archivesBucket, archive.key, whole, { ChecksumAlgorithm: "CRC32" });
    await checkArchive(client, archive, entries);
    await checkWholeCrc32(client, archive, crc32(whole));
    await expect(checkWholeCrc32(client, archive, crc32(whole) ^ 1)).rejects.toThrow("CRC-32");
    await expect(checkArchive(client, archive, entries.slice(1))).rejects.toThrow("none of the objects");
    const twice = [...entries, ...describeLargeObjects([{ key: "missing", sizeBytes: 1 }])];
    await expect(checkArchive(client, archive, twice)).rejects.toThrow("1 objects are not");
    const wrong = { key: "wrong.zip", lengthBytes: whole.length };
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(50_000) ^ 1, 50_000);
    await put(archivesBucket, wrong.key, bytes);
    await expect(checkArchive(client, wrong, entries)).rejects.toThrow("are not those of its object");
  });
});

const taken: Taken = {
  lengthBytes: 1000,
  traffic: { ...noTraffic, get: 2, put: 4, other: 2, readBytes: 900, uploadedBytes: 1000 },
  seconds: 10,
  workerSeconds: 9,
  cpuSeconds: 8,
  peakBytes: 7,
};

describe("what was taken", () => {
  test("of a sample is scaled: reads by objects, all else by bytes, what is done once not at all", () => {
    expect(scaledTaken(taken, { objects: 3, bytes: 100 })).toEqual({
      lengthBytes: 100_000,
      traffic: { ...noTraffic, get: 6, put: 400, other: 2, readBytes: 90_000, uploadedBytes: 100_000 },
      seconds: 1000,
      workerSeconds: 900,
      cpuSeconds: 800,
      peakBytes: 7,
    });
  });

  test("by several samples is their sum, with one beginning and one end", () => {
    const both = togetherTaken([taken, { ...taken, peakBytes: 70 }]);
    expect(both).toMatchObject({ seconds: 20, peakBytes: 70, traffic: { get: 4, put: 8, other: 2 } });
  });

  test("costs what the estimate says of the same requests and seconds", () => {
    const { layout } = ballOf(describeLargeObjects(setAt("large", 0.01).objects));
    const { requests, workerSeconds, dollars } = estimateAssembly(layout, planParts(layout));
    expect(dollarsOf({ traffic: { ...noTraffic, ...requests }, workerSeconds })).toBeCloseTo(dollars, 12);
  });

  test("costs nothing for what S3 does for nothing", () => {
    const { readRequestDollars } = assemblyPrices;
    expect(dollarsOf({ traffic: { ...noTraffic, free: 5, head: 1 }, workerSeconds: 0 })).toBe(
      readRequestDollars,
    );
  });
});

test.each([
  ["GET", "/bucket/key", false, "get"],
  ["GET", "/bucket/key?versionId=1", false, "get"],
  ["GET", "/bucket/key?attributes", false, "head"],
  ["HEAD", "/bucket/key", false, "head"],
  ["GET", "/bucket/key?uploadId=1", false, "other"],
  ["GET", "/bucket?uploads", false, "other"],
  ["GET", "/bucket/?list-type=2", false, "other"],
  ["PUT", "/bucket/key?partNumber=1&uploadId=1", false, "put"],
  ["PUT", "/bucket/key?partNumber=1&uploadId=1", true, "copy"],
  ["POST", "/bucket/key?uploads", false, "other"],
  ["POST", "/bucket/key?uploadId=1", false, "other"],
  ["DELETE", "/bucket/key?uploadId=1", false, "free"],
] as const)("%s %s (a copy: %s) counts as %s", (method, target, isCopy, kind) => {
  expect(kindOf({ method, target, isCopy })).toBe(kind);
});
