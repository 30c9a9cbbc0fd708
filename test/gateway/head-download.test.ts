import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { allCrc32s, ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import { proxyEvent } from "./proxy-events.ts";

const dynamodb = testDynamodb();
const answerSchema = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
type Answer = z.output<typeof answerSchema>;

let handler: (event: unknown) => Promise<unknown>;
beforeAll(async () => {
  vi.stubEnv("BALLS_TABLE", ballsTable);
  vi.stubEnv("DYNAMODB_ENDPOINT", dynamodb().endpoint);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  ({ handler } = await import("../../lambdas/head-download.ts"));
  return () => vi.unstubAllEnvs();
});

async function ballUntil(expiresAtEpochSeconds: number, more: Partial<Ball> = {}): Promise<Ball> {
  const manifest = freeze(realisticEntries(3));
  const ball = { ...ballOf(manifest), ...more, expiresAtEpochSeconds };
  await createBallStore(dynamodb().newClient(), ballsTable).put(ball, manifest, allCrc32s(3));
  return ball;
}

/** The addresses of a ball in both dialects, as the gateway hands them on. */
const addresses = {
  BitPaket: (ballId: string) => ({ resource: "/{ball}", pathParameters: { ball: `${ballId}.zip` } }),
  Box: (ballId: string) => ({
    resource: "/2.0/zip_downloads/{ball}/content",
    pathParameters: { ball: ballId },
  }),
};
const dialects = ["BitPaket", "Box"] as const;

async function head(dialect: keyof typeof addresses, ballId: string, headers = {}): Promise<Answer> {
  const event = proxyEvent({ ...addresses[dialect](ballId), httpMethod: "HEAD", headers });
  return answerSchema.parse(await handler(event));
}

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

describe.each(dialects)("HEAD without streaming, at the address of %s", (dialect) => {
  test("answers the headers of GET, and no body", async () => {
    const ball = await ballUntil(inAnHour());
    expect(await head(dialect, ball.ballId, { Range: "bytes=0-9" })).toMatchObject({
      statusCode: 200,
      headers: {
        "Content-Length": `${ball.lengthBytes}`,
        ETag: ball.etag,
        "Accept-Ranges": "bytes",
        "Content-Type": "application/zip",
        "X-Request-Id": "request-1",
      },
      body: "",
    });
  });

  test("answers 304 to whoever has the archive", async () => {
    const ball = await ballUntil(inAnHour());
    const answer = await head(dialect, ball.ballId, { "If-None-Match": ball.etag });
    expect(answer).toMatchObject({ statusCode: 304, headers: { ETag: ball.etag } });
  });
});

test("an archive that is assembled has its length from the beginning, and S3's entity tag when it is there", async () => {
  const ball = await ballUntil(inAnHour(), { delivery: "assemble" });
  const assemblies = createAssemblyStore(dynamodb().newClient(), ballsTable);
  const before = await head("BitPaket", ball.ballId, { "If-None-Match": "*" });
  expect(before).toMatchObject({ statusCode: 200, headers: { "Content-Length": `${ball.lengthBytes}` } });
  expect(before.headers).not.toHaveProperty("ETag");
  const begun = { attempt: 1, uploadId: "upload", groupCount: 1, begunAtEpochSeconds: 1 };
  await assemblies.begin(ball, begun);
  const { lengthBytes } = ball;
  const archive = { key: "key", etag: '"of-S3"', lengthBytes, lastModifiedEpochSeconds: 1_750_000_000 };
  await assemblies.complete(ball, 1, archive);
  const validators = { ETag: '"of-S3"', "Last-Modified": "Sun, 15 Jun 2025 15:06:40 GMT" };
  const length = { "Content-Length": `${lengthBytes}` };
  const answer = await head("BitPaket", ball.ballId);
  expect(answer).toMatchObject({ statusCode: 200, headers: { ...validators, ...length } });
  const unchanged = await head("BitPaket", ball.ballId, { "If-None-Match": '"of-S3"' });
  expect(unchanged).toMatchObject({ statusCode: 304, headers: validators });
});

test("what fails has the status of its dialect: BitPaket remembers an expired link, Box does not", async () => {
  const { ballId } = await ballUntil(1);
  expect(await head("BitPaket", ballId)).toMatchObject({ statusCode: 410 });
  expect(await head("Box", ballId)).toMatchObject({ statusCode: 404 });
});
