import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { type LocalS3, startLocalS3 } from "../../local/s3/server.ts";
import { patternBytes } from "../e2e/test-stack.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { expiredToken } from "../support/faulty-proxy-faults.ts";
import { expectBroken, expectWhole } from "./expectations.ts";
import { ballOf, download, type FaultyBall } from "./faulty-ball.ts";

const region = "eu-central-1";
const bucket = "bucket";
const hourMs = 60 * 60 * 1000;
/** More than are read side by side, so that some are asked for later. */
const objectCount = 80;
const pairOf = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: `secret of ${accessKeyId}` });
const pairs = ["FIRST", "SECOND", "THIRD"].map(pairOf);

let server: LocalS3;
let ball: FaultyBall;
/** How far the server's clock is ahead of ours. */
let clockOffsetMs = 0;

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "zipball-credentials-"));
  const now = () => new Date(Date.now() + clockOffsetMs);
  server = await startLocalS3({ dataDir, port: 0, region, credentials: pairs, now });
  const client = clientOf(server.endpoint, async () => pairOf("FIRST"));
  ball = await fill(client);
  return async () => {
    client.destroy();
    await server.close();
    rmSync(dataDir, { recursive: true });
  };
});

function clientOf(endpoint: string, credentials: () => Promise<ReturnType<typeof pairOf>>): S3Client {
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

async function fill(client: S3Client): Promise<FaultyBall> {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const reader = createSourceReader(client);
  const indexes = Array.from({ length: objectCount }, (_, index) => index);
  const stored = await pMap(
    indexes,
    async (index) => {
      const key = `${100 + index}`;
      const bytes = patternBytes(20_000, index);
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      const object = await reader.describe(bucket, key);
      if (object === undefined) throw new Error(`There is no ${key}`);
      return { object, bytes };
    },
    { concurrency: 16 },
  );
  return ballOf(bucket, stored);
}

/** A proxy and a client of it whose credentials are FIRST until they are renewed, and then the next ones. */
async function renewing(): Promise<{ proxy: FaultyProxy; client: S3Client; givenCount: () => number }> {
  const proxy = await startFaultyProxy(server.endpoint);
  let given = 0;
  const client = clientOf(proxy.endpoint, async () => {
    given += 1;
    return pairs[given - 1] ?? pairOf("THIRD");
  });
  onTestFinished(async () => {
    client.destroy();
    await proxy.close();
  });
  return { proxy, client, givenCount: () => given };
}

test("credentials that expire in the middle of a download are renewed, once for all who use them", async () => {
  const { proxy, client, givenCount } = await renewing();
  proxy.choose = ({ nth, accessKeyId }) => (nth > 3 && accessKeyId === "FIRST" ? expiredToken : undefined);
  expectWhole(await download({ ball, client, distance: "near" }));
  expect(givenCount()).toBe(2);
  expect(proxy.gets.at(-1)?.accessKeyId).toBe("SECOND");
});

test("they may expire again", async () => {
  const { proxy, client, givenCount } = await renewing();
  proxy.choose = ({ nth, accessKeyId }) => {
    const isExpired = accessKeyId === "FIRST" ? nth > 3 : accessKeyId === "SECOND" && nth > objectCount;
    return isExpired ? expiredToken : undefined;
  };
  expectWhole(await download({ ball, client, distance: "near" }));
  expect(givenCount()).toBe(3);
});

test("credentials that nobody renews end the download as refused", async () => {
  const { proxy, client } = await renewing();
  proxy.choose = ({ nth }) => (nth > 50 ? expiredToken : undefined);
  const retry = { attempts: 3, firstPauseMs: 1, maxPauseMs: 5 };
  const outcome = await download({ ball, client, distance: "near", reader: { retry } });
  expectBroken(outcome, { code: "source-forbidden" });
});

test.each([hourMs, -hourMs])(
  "a clock that is off by %i ms from some request on is corrected",
  async (offsetMs) => {
    const { proxy, client } = await renewing();
    onTestFinished(() => {
      clockOffsetMs = 0;
    });
    proxy.choose = ({ nth }) => {
      if (nth === 4) clockOffsetMs = offsetMs;
      return undefined;
    };
    expectWhole(await download({ ball, client, distance: "near" }));
    expect(proxy.gets.length).toBeGreaterThan(objectCount);
  },
);
