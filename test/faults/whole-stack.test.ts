import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { openResponse, readToEnd } from "../e2e/broken-download.ts";
import { entriesOf } from "../e2e/read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "../e2e/test-stack.ts";
import { runProgram } from "../interop/run-program.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import * as faults from "../support/faulty-proxy-faults.ts";
import { testWith } from "../support/outside-programs.ts";

const MiB = 1024 * 1024;
// A fault that lasts is met with all the patience of a deployed function.
vi.setConfig({ testTimeout: 60_000 });
/** In the archive's order; the first has more than is read ahead, so that the answer has begun when another fails. */
const bodies = {
  "films/a.bin": patternBytes(20 * MiB, 1),
  "films/b.bin": patternBytes(3 * MiB, 2),
  "films/c.bin": patternBytes(MiB, 3),
};
const victim = "films/b.bin";

const folder = mkdtempSync(join(tmpdir(), "zipball-faults-"));
const output = join(folder, "archive.zip");
let proxy: FaultyProxy;
let stack: TestStack;
/** Of the ball of all objects, without faults. */
let whole: Buffer;

beforeAll(async () => {
  proxy = await startFaultyProxy(() => stack.s3Endpoint);
  stack = await startTestStack({ variables: { S3_ENDPOINT: proxy.endpoint } });
  await stack.put(bodies);
  whole = await bytesOf(await films());
});
beforeEach(() => {
  rmSync(output, { force: true });
  proxy.choose = nothing;
});
afterAll(async () => {
  await stack.close();
  await proxy.close();
  rmSync(folder, { recursive: true });
});

/** Each is a ball of its own. */
const films = () => stack.create([{ folder: "/films" }]);

const nothing = () => undefined;
const curl = (...programArguments: string[]) =>
  runProgram("curl", ["-sSf", "-o", output, ...programArguments]);

async function statusOf(link: string) {
  const ballId = new URL(link).pathname.slice(1, -".zip".length);
  const response = await fetch(`${stack.api}/2.0/zip_downloads/${ballId}/status`, {
    headers: { Authorization: `Bearer ${stack.token}` },
  });
  return zipDownloadStatus.parse(await response.json());
}

test("faults that pass are not seen by who downloads", async () => {
  const passing = [faults.slowDown, faults.endedAt(MiB / 2), faults.resetUnanswered, faults.shorter];
  const counts = new Map<string, number>();
  const link = await films();
  proxy.choose = ({ key }) => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return passing[count];
  };
  expect((await bytesOf(link)).equals(whole)).toBe(true);
  expect([...counts.values()].every((count) => count > passing.length)).toBe(true);
  expect(await statusOf(link)).toMatchObject({ state: "succeeded" });
});

describe("a fault that lasts, behind the first byte,", () => {
  for (const fault of [faults.slowDown, faults.resetAt(1000), faults.accessDenied]) {
    testWith(["curl"], `breaks curl off, and is gone on from when it is over: ${fault.name}`, async () => {
      const link = await films();
      proxy.choose = ({ key }) => (key === victim ? fault : undefined);
      await expect(curl(link)).rejects.toThrow(/ended with (18|56)/);
      const torso = readFileSync(output);
      expect(torso.length).toBeLessThan(whole.length);
      expect(torso.equals(whole.subarray(0, torso.length))).toBe(true);
      expect(await statusOf(link)).toMatchObject({ state: "failed", failure: expect.any(String) });
      proxy.choose = nothing;
      await curl("-C", "-", link);
      expect(readFileSync(output).equals(whole)).toBe(true);
      expect(await statusOf(link)).toMatchObject({ state: "succeeded" });
    });
  }

  test.each([faults.preconditionFailed, faults.noSuchKey, faults.otherEtag])(
    "breaks the connection, and the next download goes without the object: $name",
    async (fault) => {
      const link = await films();
      proxy.choose = ({ key }) => (key === victim ? fault : undefined);
      const { status, bytes, isWhole } = await readToEnd(await openResponse(link));
      expect({ status, isWhole }).toEqual({ status: 200, isWhole: false });
      expect(bytes.equals(whole.subarray(0, bytes.length))).toBe(true);
      expect(await statusOf(link)).toMatchObject({
        state: "failed",
        failure: expect.stringContaining(`"/${victim}"`),
      });
      const names = (await entriesOf(await bytesOf(link))).map(({ name }) => name);
      expect(names).toEqual(["films/a.bin", "films/c.bin", "_skipped.txt"]);
    },
  );
});

test("a bit that turned on its way breaks the connection, and the next download is right", async () => {
  const link = await films();
  let isTurned = false;
  proxy.choose = ({ key }) => {
    if (isTurned || key !== victim) return undefined;
    isTurned = true;
    return faults.flippedAt(MiB);
  };
  const { status, isWhole } = await readToEnd(await openResponse(link));
  expect({ status, isWhole }).toEqual({ status: 200, isWhole: false });
  expect(await statusOf(link)).toMatchObject({ state: "failed" });
  const entries = await entriesOf(await bytesOf(link));
  const isRight = Object.values(bodies).map((body, index) => entries[index]?.content.equals(body));
  expect(isRight).toEqual([true, true, true]);
  expect(entries.length).toBe(3);
});

test("CRC-32s that are read through faults are right", async () => {
  const unknown = { "unknown/a.bin": patternBytes(3 * MiB, 4), "unknown/b.bin": patternBytes(1000, 5) };
  const met = new Set<string>();
  proxy.choose = ({ key }) => {
    if (met.has(key)) return undefined;
    met.add(key);
    return faults.endedAt(500);
  };
  for (const [Key, Body] of Object.entries(unknown))
    await stack.s3WithoutChecksums.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  const entries = await entriesOf(await bytesOf(await stack.create([{ folder: "/unknown" }])));
  expect(entries.map((entry) => entry.crc32)).toEqual(Object.values(unknown).map((body) => crc32(body)));
  expect([...met].sort()).toEqual(Object.keys(unknown));
});

test("where nobody listens from the first byte on, an error is answered", async () => {
  const link = await films();
  proxy.choose = () => faults.resetUnanswered;
  const response = await fetch(link);
  expect(response.status).toBeGreaterThanOrEqual(500);
  expect(await response.json()).toMatchObject({ success: false });
});
