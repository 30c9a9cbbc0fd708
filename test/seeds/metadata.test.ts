import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startQuietStack } from "../e2e/quiet-stack.ts";
import { bytesOf, patternBytes, type TestStack } from "../e2e/test-stack.ts";
import { byId, byPath } from "./metadata-examples.ts";

/** Two uploads of one path, as in the example of a path; the first of the length in the example of an id. */
const uploads = [patternBytes(byId.data.properties.size, 1), patternBytes(234, 2), patternBytes(234, 3)];

let stack: TestStack;
let startedAt: number;
beforeAll(async () => {
  stack = await startQuietStack();
  await stack.s3.send(
    new PutBucketVersioningCommand({
      Bucket: stack.bucket,
      VersioningConfiguration: { Status: "Enabled" },
    }),
  );
  startedAt = Math.floor(Date.now() / 1000);
  const [only, ...others] = uploads;
  await stack.put({ "dir/myfile.zip": only ?? "" });
  for (const upload of others) await stack.put({ "myfile.zip": upload });
  return () => stack.close();
});

async function asked(path: string, request?: string): Promise<unknown> {
  const response = await fetch(`${stack.api}/v2/metadata${path}`, {
    method: request === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json; charset=utf-8" },
    ...(request !== undefined && { body: request }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  return response.json();
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Documented = (typeof byId)["data"];

/**
 * What an example becomes where it tells of `content`: its very fields, and the path and the CRC-32 that we add. S3 keeps
 * no SHA-256; the MD5 of an object is its ETag.
 */
function ours(example: Documented, path: string, content: Buffer) {
  const md5 = createHash("md5").update(content).digest("hex");
  const dateTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  return {
    object_id: expect.stringMatching(uuid),
    path,
    properties: {
      ...example.properties,
      hash: md5,
      hash_type: "MD5",
      // Nobody has needed it so far, and the stack is told of no uploads.
      crc32: null,
      revision: md5.slice(0, example.properties.revision.length),
      ...{ created_on: dateTime, updated_on: dateTime },
      ...{ created_on_ts: expect.any(Number), updated_on_ts: expect.any(Number) },
    },
  };
}

const described = z.object({
  object_id: z.string(),
  properties: z.object({
    created_on: z.string(),
    updated_on: z.string(),
    created_on_ts: z.int(),
    updated_on_ts: z.int(),
  }),
});
const objects = z.object({ data: z.object({ objects: z.array(described) }) });

describe("BitPaket's documentation, Metadata", () => {
  test("the versions of a path are answered with the fields of its example, newest first", async () => {
    const [, second = Buffer.of(), third = Buffer.of()] = uploads;
    const [newest, oldest] = byPath.response.data.objects;
    expect(await asked("", byPath.request)).toStrictEqual({
      ...byPath.response,
      data: {
        objects: [
          ours(newest ?? expect.fail("no example"), "/myfile.zip", third),
          ours(oldest ?? expect.fail("no example"), "/myfile.zip", second),
        ],
        // Beyond the example: an answer has a limit.
        truncated: false,
      },
    });
  });

  test("an object id is answered with the fields of its example, sizes in units of 1,024", async () => {
    const [content = Buffer.of()] = uploads;
    const { data } = objects.parse(await asked("", '{"path":"/dir/myfile.zip"}'));
    const id = data.objects[0]?.object_id ?? "";
    const answer = await asked(`/${id}`);
    expect(answer).toStrictEqual({
      ...byId,
      data: { ...ours(byId.data, "/dir/myfile.zip", content), object_id: id },
    });
  });

  test("times are those of the upload, in UTC, as text and in seconds", async () => {
    const { data } = objects.parse(await asked("", byPath.request));
    for (const { properties } of data.objects) {
      expect(Date.parse(properties.created_on)).toBe(properties.created_on_ts * 1000);
      expect(properties.updated_on).toBe(properties.created_on);
      expect(properties.updated_on_ts).toBe(properties.created_on_ts);
      expect(properties.created_on_ts).toBeGreaterThanOrEqual(startedAt - 1);
      expect(properties.created_on_ts).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
    }
  });

  test("a CRC-32 is there once it is known", async () => {
    const content = patternBytes(1_000, 4);
    await stack.put({ "zipped/once.bin": content });
    await bytesOf(await stack.create([{ folder: "/zipped" }]));
    const [{ properties } = expect.fail("no object")] = z
      .object({
        data: z.object({ objects: z.array(z.object({ properties: z.object({ crc32: z.string() }) })) }),
      })
      .parse(await asked("", '{"path":"/zipped/once.bin"}')).data.objects;
    expect(properties.crc32).toBe(crc32(content).toString(16).padStart(8, "0"));
  });
});
