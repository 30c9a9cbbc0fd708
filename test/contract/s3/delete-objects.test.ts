import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
let Bucket = "";
beforeAll(async () => {
  Bucket = await server().newBucket();
});

const remove = (keys: string[], Quiet = false) =>
  server().client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet } }),
  );

describe("DeleteObjects", () => {
  test("deletes what is there and says the same of what is not", async () => {
    const keys = ["x/1", "x/ü <&> 2"];
    for (const Key of keys) await server().client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const { Deleted = [], Errors } = await remove([...keys, "x/never"]);
    expect(Deleted.map(({ Key }) => Key)).toEqual([...keys, "x/never"]);
    expect(Errors).toBeUndefined();
    const { KeyCount } = await server().client.send(new ListObjectsV2Command({ Bucket, Prefix: "x/" }));
    expect(KeyCount).toBe(0);
  });

  test("says nothing of what went well when asked to be quiet", async () => {
    expect((await remove(["y"], true)).Deleted).toBeUndefined();
  });

  test("takes 1,000 keys and not one more", async () => {
    const keys = Array.from({ length: 1001 }, (_, n) => `n/${n}`);
    expect((await remove(keys.slice(1))).Deleted).toHaveLength(1000);
    expect(await refusal(remove(keys))).toMatchObject({ code: "MalformedXML", status: 400 });
  });
});
