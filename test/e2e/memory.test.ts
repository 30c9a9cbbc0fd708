import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openResponse } from "./broken-download.ts";
import { putLargeObject } from "./put-large-object.ts";
import { type StackProcess, startStackProcess } from "./stack-process.ts";
import { bytesOf, createBall, patternBytes, putObjects } from "./test-stack.ts";

/** The most memory the process of `npm start` may ever have resident, servers and all. */
const mostBytes = 250_000_000;
/** CI takes more time than a developer; what more takes still longer is for the benchmark. */
const isThorough = process.env.REQUIRE_ALL === "1";
const gibibytes = isThorough ? 2 : 1;
const entryCount = isThorough ? 10_000 : 2000;
const assembledCount = isThorough ? 500 : 150;
const slowSeconds = isThorough ? 10 : 4;
const timeoutMs = 600_000;

let stack: StackProcess;
let s3: S3Client;
beforeEach(async () => {
  stack = await startStackProcess();
  const { s3: settings } = stack.connection;
  s3 = new S3Client({ ...settings, credentials: settings, forcePathStyle: true });
});
afterEach(async () => {
  s3.destroy();
  await stack.stop();
});

/** The most resident memory since the last call, in bytes, as Linux counts it (proc(5), VmHWM and clear_refs). */
function takePeakBytes(): number {
  const status = readFileSync(`/proc/${stack.pid}/status`, "utf8");
  writeFileSync(`/proc/${stack.pid}/clear_refs`, "5");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

interface Reading {
  readonly bytesPerSecond?: number;
  readonly forSeconds?: number;
}

/** Reads a link and throws the bytes away, at most so fast and so long. Answers how many came. */
async function discard(link: string, { bytesPerSecond = Infinity, forSeconds = Infinity }: Reading = {}) {
  const response = await openResponse(link);
  const startedAt = performance.now();
  let byteCount = 0;
  for await (const chunk of response) {
    byteCount += chunk.length;
    const seconds = (performance.now() - startedAt) / 1000;
    if (seconds > forSeconds) break;
    const aheadSeconds = byteCount / bytesPerSecond - seconds;
    if (aheadSeconds > 0) await delay(aheadSeconds * 1000);
  }
  return { byteCount, lengthBytes: Number(response.headers["content-length"]) };
}

async function expectFlat(link: string): Promise<void> {
  const { byteCount, lengthBytes } = await discard(link);
  const fast = takePeakBytes();
  const slowReading = await discard(link, { bytesPerSecond: 1_000_000, forSeconds: slowSeconds });
  const slow = takePeakBytes();
  console.log(`Peaks: fast reader ${fast / 1e6} MB, reader of 1 MB/s ${slow / 1e6} MB`);
  expect(byteCount).toBe(lengthBytes);
  expect(slowReading.byteCount).toBeGreaterThan(0);
  expect(fast).toBeLessThan(mostBytes);
  expect(slow).toBeLessThan(mostBytes);
}

// Other systems have no /proc to ask.
describe.runIf(process.platform === "linux")("the memory of the whole one-machine process stays flat", () => {
  test(`while ${gibibytes} GiB stream`, { timeout: timeoutMs }, async () => {
    const { api, token, s3: settings } = stack.connection;
    const keys = Array.from({ length: 8 }, (_, index) => `large/${index}.bin`);
    const mebibytes = (gibibytes * 1024) / keys.length;
    const put = (key: string) => putLargeObject(s3, { bucket: settings.bucket, key, mebibytes });
    await pMap(keys, put, { concurrency: 2 });
    await expectFlat(await createBall(api, token, [{ folder: "/large" }]));
  });

  test(`while ${assembledCount / 2} MiB pass through the assembler`, { timeout: timeoutMs }, async () => {
    const { api, token, s3: settings } = stack.connection;
    const body = patternBytes(512 * 1024, 1);
    const keys = Array.from({ length: assembledCount }, (_, index) => `medium/${index}.bin`);
    await putObjects(s3, settings.bucket, Object.fromEntries(keys.map((key) => [key, body])));
    takePeakBytes();
    const link = await createBall(api, token, [{ folder: "/medium" }], { delivery: "assemble" });
    // Held until the archive is there, or sent on and held again.
    await bytesOf(link, { Range: "bytes=0-0" });
    const assembling = takePeakBytes();
    console.log(`Peak: assembly ${assembling / 1e6} MB`);
    expect(assembling).toBeLessThan(mostBytes);
  });

  test(`while ${entryCount} entries are made a ball and stream`, { timeout: timeoutMs }, async () => {
    const { api, token, s3: settings } = stack.connection;
    const keys = Array.from({ length: entryCount }, (_, index) => `many/${index % 100}/number ${index}.txt`);
    await putObjects(s3, settings.bucket, Object.fromEntries(keys.map((key) => [key, key])));
    takePeakBytes();
    const link = await createBall(api, token, [{ folder: "/many" }]);
    const creating = takePeakBytes();
    console.log(`Peak: creation ${creating / 1e6} MB`);
    expect(creating).toBeLessThan(mostBytes);
    await expectFlat(link);
  });
});
