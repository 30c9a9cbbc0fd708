import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import { createBall } from "../../lambdas/creation/create-ball.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { ballsTable, catalogTable, ratesTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { MemoryAssemblyQueue } from "../support/memory-assembly-queue.ts";
import { testS3 } from "../support/s3.ts";
import { type LambdaRuntime, type RuntimeAnswer, startLambdaRuntime } from "./lambda-runtime.ts";
import { proxyEvent } from "./proxy-events.ts";

/**
 * The download function under AWS's own runtime interface client. Installing that package builds native code from
 * source, which it does not need here, so it is no dependency: LAMBDA_RUNTIME_CLIENT names the index.mjs of an unpacked
 * one (`npm pack aws-lambda-ric@4`).
 */
const client = process.env.LAMBDA_RUNTIME_CLIENT ?? "";

describe.skipIf(client === "" && process.env.REQUIRE_ALL !== "1")(
  "the download function in AWS's runtime",
  () => {
    const s3 = testS3();
    const dynamodb = testDynamodb();
    const opened: { runtime?: LambdaRuntime; folder?: string } = {};
    const runtime = (): LambdaRuntime => {
      if (opened.runtime === undefined) throw new Error("It is started before the first test");
      return opened.runtime;
    };
    let bucket = "";

    beforeAll(async () => {
      if (client === "") throw new Error("REQUIRE_ALL=1, but LAMBDA_RUNTIME_CLIENT is not set");
      bucket = await s3().newBucket();
      const folder = mkdtempSync(join(tmpdir(), "zipball-lambda-"));
      opened.folder = folder;
      opened.runtime = await startLambdaRuntime({
        client,
        folder,
        entry: join(import.meta.dirname, "../../lambdas/download.ts"),
        variables: {
          BALLS_TABLE: ballsTable,
          CATALOG_TABLE: catalogTable,
          RATES_TABLE: ratesTable,
          ARCHIVES_BUCKET: bucket,
          S3_ENDPOINT: s3().endpoint,
          DYNAMODB_ENDPOINT: dynamodb().endpoint,
          AWS_REGION: process.env.AWS_REGION ?? "",
          AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID ?? "",
          AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY ?? "",
        },
      });
    });
    afterAll(async () => {
      await opened.runtime?.close();
      if (opened.folder !== undefined) rmSync(opened.folder, { recursive: true });
    });

    async function ballOfTwo(name: string, firstLengthBytes = 200_000): Promise<Ball> {
      await s3().put(bucket, `${name}/1`, Buffer.alloc(firstLengthBytes, "1"));
      await s3().put(bucket, `${name}/2`, Buffer.alloc(200_000, "2"));
      const dynamoDb = dynamodb().newClient();
      const { ball } = await createBall(
        {
          reader: createSourceReader(s3().client),
          store: createBallStore(dynamoDb, ballsTable),
          queue: new MemoryAssemblyQueue(),
          catalog: createCatalog({
            store: createCatalogStore(dynamoDb, catalogTable),
            lister: createVersionLister(s3().client),
          }),
          contents: createKnownContents(dynamoDb, catalogTable),
          maxEntries: 10,
          crcBudgetMs: 60_000,
          deliveryLimits: { streamedBytes: undefined, compressedBytes: 1 },
        },
        {
          grant: { tokenId: "token-1", bucket, prefixes: [""], requestsPerMinute: 600 },
          selections: [{ kind: "folder", prefix: `${name}/`, at: "objects[0].folder" }],
          wish: { delivery: "stream", compression: "stored" },
          naming: "relative",
          fileName: undefined,
          lifetime: { seconds: 3600, fromStartSeconds: undefined },
        },
      );
      return ball;
    }

    const download = (ballId: string, more: object = {}): Promise<RuntimeAnswer> => {
      const event = {
        resource: "/{ball}",
        httpMethod: "GET",
        pathParameters: { ball: `${ballId}.zip` },
        ...more,
      };
      return runtime().invoke(proxyEvent(event, { path: `/prod/${ballId}.zip` }));
    };

    const errorType = "lambda-runtime-function-error-type";

    test("answers a prelude and the whole archive, and tells of no failure", async () => {
      const ball = await ballOfTwo("whole");
      const answer = await download(ball.ballId);
      const { prelude, body } = splitAnswer(answer);
      expect(answer.headers["content-type"]).toBe("application/vnd.awslambda.http-integration-response");
      expect(prelude).toMatchObject({
        statusCode: 200,
        headers: { "Content-Length": `${ball.lengthBytes}` },
      });
      expect(body).toHaveLength(ball.lengthBytes);
      expect(body.includes(Buffer.alloc(200_000, "2"))).toBe(true);
      expect(answer.trailers).toEqual({});
    });

    test("answers a range with those bytes of the whole", async () => {
      const { ballId } = await ballOfTwo("range");
      const { body: whole } = splitAnswer(await download(ballId));
      const { prelude, body } = splitAnswer(
        await download(ballId, { headers: { Range: "bytes=150000-250000" } }),
      );
      expect(prelude).toMatchObject({ statusCode: 206 });
      expect(body.equals(whole.subarray(150_000, 250_001))).toBe(true);
    });

    test("marks an answer that breaks off as failed, and serves the next one in the same process", async () => {
      // What is gone in the first window of reads is left out; this is met behind it.
      const broken = await ballOfTwo("broken", 20 * 1024 * 1024);
      await s3().put(bucket, "broken/2", Buffer.alloc(200_000, "3"));
      const answer = await download(broken.ballId);
      const { prelude, body } = splitAnswer(answer);
      expect(prelude).toMatchObject({ statusCode: 200 });
      expect(body.length).toBeGreaterThan(200_000);
      expect(body.length).toBeLessThan(broken.lengthBytes);
      expect(body.includes("3333")).toBe(false);
      expect(answer.trailers[errorType]).toBe("BrokenOff");
      // What the runtime itself logs of it only tells where to look.
      const reports = runtime()
        .output()
        .split("\n")
        .filter((line) => line.includes("source-changed"));
      expect(reports.map((line) => JSON.parse(line))).toMatchObject([
        { message: "An answer broke off", requestId: "request-1", entry: "broken/2", key: "broken/2" },
      ]);
      expect(runtime().output()).toContain("The answer to request request-1 broke off");

      const next = await ballOfTwo("next");
      expect(splitAnswer(await download(next.ballId)).body).toHaveLength(next.lengthBytes);
      expect(runtime().isRunning()).toBe(true);
    });

    test("answers what fails before the first byte with its status, as a success of the function", async () => {
      const answer = await download("e7d86f8c-f53e-4ec5-aee6-5e0408296dbe");
      const { prelude, body } = splitAnswer(answer);
      expect(prelude).toMatchObject({ statusCode: 404 });
      expect(JSON.parse(body.toString())).toMatchObject({ success: false, error: { code: 10_404 } });
      expect(answer.trailers).toEqual({});
    });

    test("answers HEAD with the headers of GET, and a byte that the gateway drops", async () => {
      const ball = await ballOfTwo("head");
      const { prelude, body } = splitAnswer(await download(ball.ballId, { httpMethod: "HEAD" }));
      expect(prelude).toMatchObject({
        statusCode: 200,
        headers: { "Content-Length": `${ball.lengthBytes}` },
      });
      expect(body).toHaveLength(1);
    });

    test("does not fail on an event that is none of API Gateway's but for that invocation", async () => {
      const answer = await runtime().invoke({ Records: [] });
      expect(answer.trailers[errorType]).toBe("ZodError");
      expect(runtime().isRunning()).toBe(true);
    });
  },
);

function splitAnswer({ body }: RuntimeAnswer): { prelude: unknown; body: Buffer } {
  const end = body.indexOf(Buffer.alloc(8));
  return { prelude: JSON.parse(body.subarray(0, end).toString()), body: body.subarray(end + 8) };
}
