import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { type Fault, stalledAt, trickled } from "../support/faulty-proxy-faults.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { watchS3 } from "./s3-requests.ts";
import { patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
const idleSeconds = 2;
/** More than the system's buffers on both sides hold: whoever does not read stops us. */
const objectBytes = 64 * MiB;

let stack: TestStack;
/** In front of S3: what goes wrong with an object, by its key. */
let proxy: FaultyProxy;
const faults = new Map<string, Fault>();

beforeAll(async () => {
  proxy = await startFaultyProxy(() => stack.s3Endpoint);
  proxy.choose = ({ key }) => faults.get(key);
  stack = await startTestStack({
    variables: { CLIENT_IDLE_SECONDS: String(idleSeconds), S3_ENDPOINT: proxy.endpoint },
  });
  await stack.put({ "film.bin": patternBytes(objectBytes, 1) });
  return async () => {
    await stack.close();
    await proxy.close();
  };
});

async function statusOf(link: string) {
  const ballId = new URL(link).pathname.slice(1, -".zip".length);
  const headers = { Authorization: `Bearer ${stack.token}` };
  const response = await fetch(`${stack.api}/2.0/zip_downloads/${ballId}/status`, { headers });
  return zipDownloadStatus.parse(await response.json());
}

test("a client that stops reading is cut off: nothing is read for it any more, and the status says why", async () => {
  const link = await stack.create([{ path: "/film.bin" }]);
  const requests = watchS3(stack.s3Endpoint);
  const response = await openResponse(link);
  response.pause();
  await expect.poll(() => stack.failures.length, { timeout: 15_000 }).toBe(1);
  expect(stack.failures[0]).toMatchObject({
    functionName: "download",
    requestId: response.headers["x-request-id"],
    error: { name: "ReaderStopped" },
  });
  await expect.poll(() => requests.openCount).toBe(0);
  const failure = `The reader stopped: nothing was taken for ${idleSeconds} seconds`;
  expect(await statusOf(link)).toMatchObject({ state: "failed", downloaded_file_count: 0, failure });
  const { bytes, isWhole } = await readToEnd(response);
  expect(isWhole).toBe(false);
  expect(bytes.length).toBeLessThan(objectBytes);
}, 30_000);

test("a client that reads slowly, for longer than it may read nothing, gets all of it", async () => {
  const response = await openResponse(await stack.create([{ path: "/film.bin" }]));
  const beganAtMs = performance.now();
  const failuresBefore = stack.failures.length;
  let receivedBytes = 0;
  let pauseAt = 0;
  for await (const chunk of response) {
    receivedBytes += chunk.length;
    if (receivedBytes < pauseAt) continue;
    pauseAt = receivedBytes + objectBytes / 8;
    await delay((idleSeconds * 1000) / 6);
  }
  expect(response.complete).toBe(true);
  expect(performance.now() - beganAtMs).toBeGreaterThan(idleSeconds * 1000);
  expect(stack.failures).toHaveLength(failuresBefore);
}, 30_000);

test("a client that waits for S3, for longer than it may read nothing, gets all of it", async () => {
  await stack.put({ "waiting/a.bin": patternBytes(MiB, 2), "waiting/b.bin": patternBytes(1000, 3) });
  faults.set("waiting/b.bin", trickled(idleSeconds * 15, 100));
  const failuresBefore = stack.failures.length;
  const beganAtMs = performance.now();
  const link = await stack.create([{ folder: "/waiting" }]);
  expect(await readToEnd(await openResponse(link))).toMatchObject({ status: 200, isWhole: true });
  expect(performance.now() - beganAtMs).toBeGreaterThan(idleSeconds * 1000);
  expect(stack.failures).toHaveLength(failuresBefore);
}, 30_000);

test("a client that leaves while S3 says nothing ends what is asked of S3 within a second", async () => {
  await stack.put({ "silent/a.bin": patternBytes(MiB, 4), "silent/b.bin": patternBytes(1000, 5) });
  faults.set("silent/b.bin", stalledAt(500));
  const response = await openResponse(await stack.create([{ folder: "/silent" }]));
  let receivedBytes = 0;
  for await (const chunk of response) {
    receivedBytes += chunk.length;
    if (receivedBytes < MiB) continue;
    // One connection is given up, those that are whole wait for other requests.
    const openCount = proxy.openCount();
    response.destroy();
    await expect.poll(() => proxy.openCount(), { timeout: 1000 }).toBeLessThan(openCount);
    break;
  }
  expect(receivedBytes).toBeGreaterThanOrEqual(MiB);
}, 30_000);
