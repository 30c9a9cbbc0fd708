import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { objectAnswer, objectsAnswer } from "../../lambdas/api/bitpaket/schemas.ts";
import { hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.put({ "plain/one.txt": "only one" });
  const Status = "Enabled";
  await stack.s3.send(
    new PutBucketVersioningCommand({ Bucket: stack.bucket, VersioningConfiguration: { Status } }),
  );
  await stack.put({ "dir/myfile.exe": "first" });
  await stack.put({ "dir/myfile.exe": "second" });
  await stack.put({ "secret/a.txt": "not for everyone" });
  return () => stack.close();
});

const authorization = (token = stack.token) => ({ Authorization: `Bearer ${token}` });

function ask(body: unknown, token?: string): Promise<Response> {
  const headers = { ...authorization(token), "Content-Type": "application/json" };
  return fetch(`${stack.api}/v2/metadata`, { method: "POST", headers, body: JSON.stringify(body) });
}

const askId = (id: string, token?: string): Promise<Response> =>
  fetch(`${stack.api}/v2/metadata/${id}`, { headers: authorization(token) });

async function read<Schema extends z.ZodType>(schema: Schema, asking: Promise<Response>) {
  const answer = await asking;
  const json: unknown = await answer.json();
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
  const parsed = schema.parse(json);
  expect(parsed).toEqual(json);
  return parsed;
}

const objectsOf = async (path: string, token?: string) =>
  (await read(objectsAnswer, ask({ path }, token))).data.objects;

describe("the metadata of a path", () => {
  test("are its versions, newest first, each with what tells it from the others", async () => {
    const objects = await objectsOf("/dir/myfile.exe");
    expect(objects).toMatchObject([
      {
        path: "/dir/myfile.exe",
        properties: {
          ...{ name: "myfile.exe", size: 6, size_pretty: "6 B", is_versioned: true, version: 2 },
          ...{ hash: "a9f0e61a137d86aa9db53465e0801612", hash_type: "MD5", revision: "a9f0e61a13" },
        },
      },
      { properties: { size: 5, version: 1 } },
    ]);
    expect(new Set(objects.map((object) => object.object_id)).size).toBe(2);
  });

  test("are the same whenever they are asked for", async () => {
    expect(await objectsOf("/dir/myfile.exe")).toEqual(await objectsOf("dir/myfile.exe"));
  });

  test("lead back to each version by its id, in either case", async () => {
    for (const object of await objectsOf("/dir/myfile.exe")) {
      expect((await read(objectAnswer, askId(object.object_id))).data).toEqual(object);
      expect((await read(objectAnswer, askId(object.object_id.toUpperCase()))).data).toEqual(object);
    }
  });

  test("of an object from before the bucket kept versions have no number", async () => {
    expect(await objectsOf("/plain/one.txt")).toMatchObject([
      { properties: { is_versioned: false, version: null, size: 8 } },
    ]);
  });

  test("know the CRC-32 once a ball needed it", async () => {
    const object = { Bucket: stack.bucket, Key: "dir/needed.txt", Body: "123456789" };
    await stack.s3WithoutChecksums.send(new PutObjectCommand(object));
    expect(await objectsOf("/dir/needed.txt")).toMatchObject([{ properties: { crc32: null } }]);
    await stack.create([{ path: "/dir/needed.txt" }]);
    expect(await objectsOf("/dir/needed.txt")).toMatchObject([{ properties: { crc32: "cbf43926" } }]);
  });

  test("leave out deletion markers, and versions that were deleted, whose numbers no other gets", async () => {
    const Key = "dir/shrinking.txt";
    await stack.put({ [Key]: "first" });
    const second = await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: "second" }));
    await stack.put({ [Key]: "third" });
    const [, gone] = await objectsOf(`/${Key}`);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key, VersionId: second.VersionId }));
    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key }));
    await stack.put({ [Key]: "fourth" });
    const objects = await objectsOf(`/${Key}`);
    expect(objects.map(({ properties }) => properties.version)).toEqual([4, 3, 1]);
    const answer = await askId(gone?.object_id ?? "");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { data: { reason: "version-not-found", at: "id" } } });
  });
});

describe("metadata that are not told", () => {
  beforeAll(async () => {
    const keep = (token: string, attributes: object) =>
      stack.dynamoDb.send(
        new PutCommand({
          TableName: tokensTable,
          Item: { tokenHash: hashToken(token), bucket: stack.bucket, ...attributes },
        }),
      );
    await keep("narrow", { prefixes: ["dir/"] });
    await keep("elsewhere", { bucket: "another-bucket" });
  });

  test.each([
    [{ path: "/nothing/here" }, 404, "source-not-found", "path"],
    [{ path: "/dir" }, 404, "source-not-found", "path"],
    [{ path: "/" }, 400, "invalid-request", "path"],
    [{}, 400, "invalid-request", "path"],
  ])("%o: %i", async (body, status, reason, at) => {
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ success: false, error: { data: { reason, at } } });
  });

  test("a path outside the token's prefixes is refused, and one inside is told", async () => {
    const refused = await ask({ path: "/secret/a.txt" }, "narrow");
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { data: { reason: "forbidden", at: "path" } } });
    expect(await objectsOf("/dir/myfile.exe", "narrow")).toHaveLength(2);
  });

  test.each(["narrow", "elsewhere"])("an id that is not for the token %s is unknown", async (token) => {
    const [secret] = await objectsOf("/secret/a.txt");
    const answer = await askId(secret?.object_id ?? "", token);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { data: { reason: "source-not-found" } } });
  });

  test("an id that is none is refused", async () => {
    expect((await askId("7")).status).toBe(400);
  });

  test.each(["unknown", ""])("anything to the token %j", async (token) => {
    expect((await ask({ path: "/dir/myfile.exe" }, token)).status).toBe(401);
  });
});
