import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { describe, expect, onTestFinished, test } from "vitest";
import { openResponse, readToEnd } from "./broken-download.ts";
import { entriesOf } from "./read-zip.ts";
import { startStackProcess } from "./stack-process.ts";
import { createBall, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const bodies = {
  "set/a.txt": "a",
  "set/b.bin": patternBytes(300_000, 1),
  "set/c/d.bin": patternBytes(3_000_000, 2),
  "set/e/": "",
};

/** A stack that is closed when its test is over, if it is not closed before. */
async function ownStack(options: Parameters<typeof startTestStack>[0] = {}): Promise<TestStack> {
  const stack = await startTestStack(options);
  onTestFinished(() => stack.close());
  return stack;
}

async function download(link: string) {
  const response = await openResponse(link);
  const { status, bytes, isWhole } = await readToEnd(response);
  expect({ status, isWhole }).toEqual({ status: 200, isWhole: true });
  const { etag, "last-modified": lastModified, "content-disposition": disposition } = response.headers;
  return { bytes, etag, lastModified, disposition };
}

test("a stack that is started again on its data gives the same archive", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "zipball-restart-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const first = await ownStack({ dataDir });
  await first.put(bodies);
  const link = await first.create([{ folder: "/set" }]);
  const before = await download(link);
  await first.close();
  const second = await ownStack({ dataDir });
  expect(second.token).toBe(first.token);
  expect(await download(second.api + new URL(link).pathname)).toEqual(before);
});

test("another process on the same DynamoDB and S3 gives the same archive", async () => {
  const stack = await ownStack();
  await stack.put(bodies);
  const link = await stack.create([{ folder: "/set" }]);
  const { accessKeyId, secretAccessKey } = await stack.s3.config.credentials();
  const replica = await startStackProcess({
    S3_ENDPOINT: stack.s3Endpoint,
    DYNAMODB_ENDPOINT: stack.dynamodbEndpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    // No local time or language finds its way into an archive.
    TZ: "Pacific/Chatham",
    LC_ALL: "tr_TR.UTF-8",
  });
  onTestFinished(async () => void (await replica.stop()));
  const { api, token } = replica.connection;
  const here = await download(link);
  expect(await download(api + new URL(link).pathname)).toEqual(here);
  const made = await createBall(api, token, [{ folder: "/set" }]);
  const there = await download(made);
  expect(there.etag).toBe(here.etag);
  expect(there.bytes.equals(here.bytes)).toBe(true);
  expect((await download(stack.api + new URL(made).pathname)).bytes.equals(here.bytes)).toBe(true);
  expect(await replica.stop()).toBe(0);
}, 60_000);

test("everything works under a stage", async () => {
  const stack = await ownStack({ stage: "prod" });
  await stack.put(bodies);
  expect(stack.api).toMatch(/\/prod$/);
  const link = await stack.create([{ folder: "/set" }]);
  expect(link.startsWith(`${stack.api}/`)).toBe(true);
  const { bytes } = await download(link);
  expect((await entriesOf(bytes)).length).toBe(4);
  expect((await fetch(link, { method: "HEAD" })).headers.get("content-length")).toBe(`${bytes.length}`);
  const { origin, pathname } = new URL(link);
  expect((await fetch(origin + pathname.slice("/prod".length))).status).toBe(404);
});

describe("without a configured address", () => {
  test.each(["", "prod"])(
    "links have the request's own domain and stage %j, never its Host",
    async (stage) => {
      const stack = await ownStack({ ...(stage !== "" && { stage }), variables: { PUBLIC_URL: "" } });
      await stack.put(bodies);
      const link = await stack.create([{ path: "/set/a.txt" }]);
      const prefix = stage === "" ? "" : `/${stage}`;
      const { host } = new URL(stack.api);
      expect(link).toMatch(new RegExp(`^https://${host}${prefix}/[0-9a-f-]{36}\\.zip\\?zipball$`));
    },
  );
});

describe("in a bucket that keeps versions", () => {
  test("an object that was overwritten or deleted still comes in the version the ball was made of", async () => {
    const stack = await ownStack();
    await stack.s3.send(
      new PutBucketVersioningCommand({
        Bucket: stack.bucket,
        VersioningConfiguration: { Status: "Enabled" },
      }),
    );
    await stack.put(bodies);
    const byPath = await stack.create([{ path: "/set/a.txt" }, { path: "/set/b.bin" }]);
    const before = await download(byPath);
    await stack.put({ "set/a.txt": "another", "set/b.bin": "another" });
    expect(await download(byPath)).toEqual(before);
    const after = await download(await stack.create([{ path: "/set/a.txt" }, { path: "/set/b.bin" }]));
    expect((await entriesOf(after.bytes)).map(({ content }) => `${content}`)).toEqual(["another", "another"]);
  });
});
