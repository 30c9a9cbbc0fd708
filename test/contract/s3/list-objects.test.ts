import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
let Bucket = "";

const keys = [
  "a.txt",
  "b/1.txt",
  "b/2.txt",
  "b/c/3.txt",
  "b/c/4.txt",
  "b0",
  "d/",
  "d/5.txt",
  "e f+g%h/ü.txt",
  "z.txt",
];

beforeAll(async () => {
  Bucket = await server().newBucket();
  for (const Key of keys) await server().client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
});

async function list(input: Omit<ListObjectsV2CommandInput, "Bucket"> = {}) {
  const page = await server().client.send(new ListObjectsV2Command({ Bucket, ...input }));
  return {
    page,
    keys: (page.Contents ?? []).map(({ Key }) => Key),
    prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
  };
}

/** All pages of `MaxKeys`, key and common prefix as they come. */
async function listAll(input: Omit<ListObjectsV2CommandInput, "Bucket">, pageSize: number) {
  const found: (string | undefined)[] = [];
  const pages = paginateListObjectsV2({ client: server().client, pageSize }, { Bucket, ...input });
  for await (const { Contents = [], CommonPrefixes = [], KeyCount = 0 } of pages) {
    expect(KeyCount).toBe(Contents.length + CommonPrefixes.length);
    expect(KeyCount).toBeLessThanOrEqual(pageSize);
    found.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix));
  }
  return found;
}

describe("ListObjectsV2", () => {
  test("lists all keys in order, with what is known of each", async () => {
    const { page, keys: listed } = await list();
    expect(listed).toEqual(keys);
    expect(page).toMatchObject({ IsTruncated: false, KeyCount: keys.length, MaxKeys: 1000, Name: Bucket });
    const [first] = page.Contents ?? [];
    expect(first).toMatchObject({
      Size: 5,
      StorageClass: "STANDARD",
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
    expect(first?.LastModified?.getMilliseconds()).toBe(0);
  });

  test("tells algorithm and type of each checksum", async () => {
    const { page } = await list({ MaxKeys: 1 });
    expect(page.Contents?.[0]).toMatchObject({ ChecksumAlgorithm: ["CRC32"], ChecksumType: "FULL_OBJECT" });
  });

  test.each([
    ["b", ["b/1.txt", "b/2.txt", "b/c/3.txt", "b/c/4.txt", "b0"]],
    ["b/", ["b/1.txt", "b/2.txt", "b/c/3.txt", "b/c/4.txt"]],
    ["b/c/3.txt", ["b/c/3.txt"]],
    ["nothing/", []],
  ])("prefix %j selects the keys that begin with it", async (Prefix, expected) => {
    expect((await list({ Prefix })).keys).toEqual(expected);
  });

  test("a delimiter rolls keys up into common prefixes", async () => {
    const { keys: listed, prefixes, page } = await list({ Delimiter: "/" });
    expect(listed).toEqual(["a.txt", "b0", "z.txt"]);
    expect(prefixes).toEqual(["b/", "d/", "e f+g%h/"]);
    expect(page.KeyCount).toBe(6);
  });

  test("behind a prefix the delimiter rolls up one level further", async () => {
    const { keys: listed, prefixes } = await list({ Prefix: "b/", Delimiter: "/" });
    expect(listed).toEqual(["b/1.txt", "b/2.txt"]);
    expect(prefixes).toEqual(["b/c/"]);
  });

  test("a folder's own empty object is listed beside what is in it", async () => {
    expect((await list({ Prefix: "d/", Delimiter: "/" })).keys).toEqual(["d/", "d/5.txt"]);
  });

  test("a delimiter can be any text", async () => {
    const { keys: listed, prefixes } = await list({ Delimiter: ".t" });
    expect(prefixes).toContain("b/c/3.t");
    expect(listed).toEqual(["b0", "d/"]);
  });

  test.each([1, 2, 3, 4, 100])("pages of %i give every key once", async (pageSize) => {
    expect(await listAll({}, pageSize)).toEqual(keys);
  });

  test.each([1, 2, 3, 100])("pages of %i give every common prefix once", async (pageSize) => {
    const found = await listAll({ Delimiter: "/" }, pageSize);
    expect(found.sort()).toEqual(["a.txt", "b/", "b0", "d/", "e f+g%h/", "z.txt"]);
  });

  test("a page is truncated only when something follows", async () => {
    expect((await list({ MaxKeys: keys.length })).page.IsTruncated).toBe(false);
    expect((await list({ MaxKeys: keys.length - 1 })).page.IsTruncated).toBe(true);
  });

  test("no keys asked for is an empty page and the end", async () => {
    const { page, keys: listed } = await list({ MaxKeys: 0 });
    expect(listed).toEqual([]);
    expect(page).toMatchObject({ IsTruncated: false, KeyCount: 0 });
  });

  test("start-after begins behind a key, there or not", async () => {
    expect((await list({ StartAfter: "d/5.txt" })).keys).toEqual(["e f+g%h/ü.txt", "z.txt"]);
    expect((await list({ StartAfter: "y" })).keys).toEqual(["z.txt"]);
  });

  test("encoding-type=url encodes keys and prefixes and leaves slashes", async () => {
    const { keys: listed, page } = await list({ EncodingType: "url", Prefix: "e f" });
    expect(listed).toEqual(["e+f%2Bg%25h/%C3%BC.txt"]);
    expect(page).toMatchObject({ EncodingType: "url", Prefix: "e+f" });
    const { prefixes } = await list({ EncodingType: "url", Delimiter: "/" });
    expect(prefixes).toContain("e+f%2Bg%25h/");
  });

  test("fetch-owner tells owners, who are not told otherwise", async () => {
    expect((await list({ FetchOwner: true, MaxKeys: 1 })).page.Contents?.[0]?.Owner?.ID).toBeTruthy();
    expect((await list({ MaxKeys: 1 })).page.Contents?.[0]?.Owner).toBeUndefined();
  });

  test("a token the server never gave answers InvalidArgument", async () => {
    expect(await refusal(list({ ContinuationToken: "x x" }))).toMatchObject({
      code: "InvalidArgument",
      status: 400,
    });
  });

  test("a page has at most 1,000 keys", async () => {
    expect((await list({ MaxKeys: 5000 })).page.MaxKeys).toBe(1000);
  });
});

describe("ListObjects, the first version", () => {
  test("lists behind a marker", async () => {
    const { client } = server();
    const page = await client.send(new ListObjectsCommand({ Bucket, Marker: "b/c/4.txt", MaxKeys: 2 }));
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["b0", "d/"]);
    expect(page.IsTruncated).toBe(true);
  });

  test("with a delimiter NextMarker goes on behind the last common prefix", async () => {
    const { client } = server();
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1, Marker }));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(found).toEqual(["a.txt", "b/", "b0", "d/", "e f+g%h/", "z.txt"]);
  });
});
