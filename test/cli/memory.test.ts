import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { fillBucket, numberedKeys } from "./fill-store.ts";

const run = promisify(execFile);
const MiB = 1024 * 1024;

/** Most of the time goes into the embedded DynamoDB; 100,000 were tried (docs/versions.md). */
const count = 3_000;
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
  const [, second] = pages;
  const last = pages.at(-1);
  if (second === undefined || last === undefined) throw new Error("There are three pages and one object");
  expect({ isDone, objectCount: last.objectCount }).toEqual({ isDone: true, objectCount: count });
  // A thousand objects between them: one KiB kept of each would be as much.
  expect(last.usedBytes - second.usedBytes).toBeLessThan(MiB);
}, 120_000);
