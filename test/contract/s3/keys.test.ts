import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeKey, refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});

/** Keys that a server deriving file paths from them would mix up or refuse. */
const oddKeys = [
  "a",
  "a/",
  "a/b",
  "a//b",
  "a/b/",
  "//",
  "trailing/slash/",
  "dots/../x",
  "...",
  " leading and trailing ",
  "plus+plus",
  "per%cent%20",
  "%2F",
  "query?x=y&z#hash",
  "quotes'\"`",
  "back\\slash",
  "parentheses (1) [2] {3} *!~",
  "ümläut/日本語/😀",
  "e\u0301 is not é",
  "<xml>&amp;</xml>",
  "tab\tnewline\nreturn\r",
  "colon:semi;comma,equals=at@dollar$",
];

describe("keys", () => {
  test.each(oddKeys)("%j is one object, read back under its own key", async (Key) => {
    const { client } = server();
    await client.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(`body of ${Key}`);
    const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(ContentLength).toBe(Buffer.byteLength(`body of ${Key}`));
  });

  test.each(oddKeys.filter((key) => !key.includes("..")))("%j works in a presigned link", async (Key) => {
    const { client } = server();
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const answer = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key })));
    expect(await answer.text()).toBe(Key);
  });

  test("all of them are listed, in the order of their UTF-8 bytes", async () => {
    const { client } = server();
    const bucket = await server().newBucket();
    for (const Key of oddKeys) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, EncodingType: "url" }),
    );
    const inOrder = [...oddKeys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(Contents.map(({ Key = "" }) => decodeKey(Key))).toEqual(inOrder);
    const Objects = oddKeys.map((Key) => ({ Key }));
    const { Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    expect(Errors).toBeUndefined();
    const left = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(left.KeyCount).toBe(0);
  });

  test("characters beyond the BMP sort behind all others, unlike in UTF-16", async () => {
    const { client } = server();
    const keys = ["o/\uffee", "o/😀"];
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: "o/", EncodingType: "url" }),
    );
    expect(Contents.map(({ Key = "" }) => decodeKey(Key))).toEqual(keys);
  });

  test.each([
    ["ASCII", "k".repeat(1024)],
    ["two-byte characters", "é".repeat(512)],
  ])("1,024 bytes of %s are a key", async (_, Key) => {
    await server().client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const { ContentLength } = await server().client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(ContentLength).toBe(1);
  });

  test.each([
    ["ASCII", "k".repeat(1025)],
    ["two-byte characters", `${"é".repeat(512)}x`],
  ])("1,025 bytes of %s answer KeyTooLongError", async (_, Key) => {
    const refused = server().client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    expect(await refusal(refused)).toMatchObject({ code: "KeyTooLongError", status: 400 });
  });
});
