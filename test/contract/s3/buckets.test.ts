import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { createBucket, newBucketName, refusal, serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();

describe("buckets", () => {
  test("a created bucket is found by HEAD and in the list of buckets", async () => {
    const bucket = await server().newBucket();
    const { $metadata } = await server().client.send(new HeadBucketCommand({ Bucket: bucket }));
    expect($metadata.httpStatusCode).toBe(200);
    const { Buckets = [] } = await server().client.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(bucket);
    expect(Buckets.find(({ Name }) => Name === bucket)?.CreationDate).toBeInstanceOf(Date);
  });

  test("HEAD of a bucket that is not there answers 404", async () => {
    const head = server().client.send(new HeadBucketCommand({ Bucket: newBucketName() }));
    expect(await refusal(head)).toMatchObject({ code: "NotFound", status: 404 });
  });

  test("requests into a bucket that is not there answer NoSuchBucket", async () => {
    const put = server().client.send(new PutObjectCommand({ Bucket: newBucketName(), Key: "a", Body: "a" }));
    expect(await refusal(put)).toMatchObject({ code: "NoSuchBucket", status: 404 });
  });

  test("a name that breaks the rules answers InvalidBucketName", async () => {
    const create = server().client.send(new CreateBucketCommand({ Bucket: "No_Capitals" }));
    expect(await refusal(create)).toMatchObject({ code: "InvalidBucketName", status: 400 });
  });

  test("creating one's own bucket again is refused outside us-east-1", async () => {
    const { client, region } = server();
    const bucket = await server().newBucket();
    const again = createBucket(client, bucket, region);
    if (region === "us-east-1") await again;
    else expect(await refusal(again)).toMatchObject({ code: "BucketAlreadyOwnedByYou", status: 409 });
  });

  test("the location is the region, and nothing in us-east-1", async () => {
    const { client, region } = server();
    const bucket = await server().newBucket();
    const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket: bucket }));
    expect(LocationConstraint).toBe(region === "us-east-1" ? undefined : region);
  });

  test("an empty bucket is deleted, one with an object answers BucketNotEmpty", async () => {
    const { client, region } = server();
    const empty = newBucketName();
    await createBucket(client, empty, region);
    const deletion = await client.send(new DeleteBucketCommand({ Bucket: empty }));
    expect(deletion.$metadata.httpStatusCode).toBe(204);
    const full = await server().newBucket();
    await client.send(new PutObjectCommand({ Bucket: full, Key: "a", Body: "a" }));
    const refused = client.send(new DeleteBucketCommand({ Bucket: full }));
    expect(await refusal(refused)).toMatchObject({ code: "BucketNotEmpty", status: 409 });
  });

  test("a bucket is unversioned first, then what it was last set to", async () => {
    const { client } = server();
    const Bucket = await server().newBucket();
    const status = async () => (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    for (const Status of ["Enabled", "Suspended"] as const) {
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
      expect(await status()).toBe(Status);
    }
  });
});
