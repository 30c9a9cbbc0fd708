import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { fillBucket, numberedKeys } from "./fill-store.ts";

const run = promisify(execFile);

/** Most of the time goes into the embedded DynamoDB; 100,000 were tried (docs/versions.md). */
const count = 6_000;
const s3 = testS3((store) => fillBucket(store, "large", numberedKeys(count)));
const dynamodb = testDynamodb();

const measured = z.object({
  isDone: z.boolean(),
  pages: z.array(z.object({ objectCount: z.number(), usedBytes: z.number(), residentBytes: z.number() })),
});

test("the memory that indexing uses does not grow with the number of objects", async () => {
  const program = new URL("./index-memory.ts", import.meta.url).pathname;
  const endpoints = { S3_ENDPOINT: s3().endpoint, DYNAMODB_ENDPOINT: dynamodb().endpoint };
  const env = { ...process.env, ...endpoints, CATALOG_TABLE: catalogTable };
  const { stdout } = await run(process.execPath, ["--expose-gc", program, "large"], { env });
  const { isDone, pages } = measured.parse(JSON.parse(stdout));
  expect({ isDone, objectCount: pages.at(-1)?.objectCount }).toEqual({ isDone: true, objectCount: count });
  // Of two pages the one with less: a collection may come in the middle of something.
  const usedAt = (from: number) => Math.min(...pages.slice(from, from + 2).map(({ usedBytes }) => usedBytes));
  // Three pages lie between; what is listed of an object takes 500 bytes, and none of it is to be kept.
  expect(usedAt(4) - usedAt(1)).toBeLessThan(200 * 3000);
}, 120_000);
