import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { openResponse, readToEnd } from "./broken-download.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { watchS3 } from "./s3-requests.ts";
import { corruptStoredBody } from "./stored-body.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;

let stack: TestStack;
beforeAll(async () => {
  stack = await startQuietStack();
  return () => stack.close();
});

const remove = (Key: string) => stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key }));
const end = async (link: string) => readToEnd(await openResponse(link));

/** What the client sees of a source that changed: an error in words, or a connection that breaks. */
async function expectFailure(link: string): Promise<void> {
  const { status, bytes, isWhole } = await end(link);
  if (status === 200) expect(isWhole).toBe(false);
  else
    expect(JSON.parse(bytes.toString())).toMatchObject({ success: false, error: { code: 10_000 + status } });
}

describe("a source that changed after the ball was made", () => {
  test("the same bytes put again are the same object", async () => {
    await stack.put({ "again/a.txt": "the same" });
    const link = await stack.create([{ folder: "/again" }]);
    const before = await bytesOf(link);
    await stack.put({ "again/a.txt": "the same" });
    expect(await bytesOf(link)).toEqual(before);
  });

  test.each([
    ["overwritten", () => stack.put({ "late/z.txt": "other" })],
    ["deleted", () => remove("late/z.txt")],
  ])(
    "%s, behind many bytes: the connection breaks, and what comes next is nothing to go on with",
    async (_what, change) => {
      await stack.put({ "late/a.bin": patternBytes(18 * MiB, 3), "late/z.txt": "last" });
      const link = await stack.create([{ folder: "/late" }]);
      const whole = await bytesOf(link);
      const etag = (await fetch(link, { method: "HEAD" })).headers.get("etag");
      await change();
      const { status, bytes, isWhole } = await end(link);
      expect(status).toBe(200);
      expect(isWhole).toBe(false);
      expect(bytes.length).toBeLessThan(whole.length);
      expect(bytes.equals(whole.subarray(0, bytes.length))).toBe(true);
      const resumed = await openResponse(link, { Range: `bytes=${bytes.length}-` });
      const next = await readToEnd(resumed);
      expect({ status: next.status, isWhole: next.isWhole }).toEqual({ status: 200, isWhole: true });
      expect(resumed.headers.etag).not.toBe(etag);
      expect((await entriesOf(next.bytes)).map(({ name }) => name)).toEqual(["late/a.bin", "_skipped.txt"]);
    },
  );

  test("replaced while a slow reader is in the middle of it: none of its bytes are another object's", async () => {
    const body = patternBytes(64 * MiB, 4);
    await stack.put({ "slow/big.bin": body });
    const link = await stack.create([{ path: "/slow/big.bin" }]);
    const response = await openResponse(link);
    response.pause();
    await stack.put({ "slow/big.bin": patternBytes(64 * MiB, 5) });
    const { status, bytes, isWhole } = await readToEnd(response);
    expect(status).toBe(200);
    // S3 goes on with a body that it has begun; one in several reads breaks off.
    const dataStart = 30 + "big.bin".length + 9;
    const received = bytes.subarray(dataStart, dataStart + body.length);
    expect(received.length).toBeGreaterThan(MiB);
    expect(received.equals(body.subarray(0, received.length))).toBe(true);
    if (isWhole) expect(received.length).toBe(body.length);
  }, 60_000);
});

describe("a body whose bytes are not what they were", () => {
  test("a small one is told before anything is sent", async () => {
    const body = patternBytes(1000, 6);
    await stack.put({ "rotten/small.bin": body });
    const link = await stack.create([{ path: "/rotten/small.bin" }]);
    corruptStoredBody(stack.dataDir, body);
    const { status, bytes } = await end(link);
    expect(status).toBe(502);
    expect(bytes.toString()).not.toContain("rotten/small.bin");
    expect(bytes.toString()).toContain("source-corrupt");
  });

  test.each([1.5, 9.5])("one of %d MiB breaks the connection before its last bytes", async (mebibytes) => {
    const body = patternBytes(mebibytes * MiB, 7);
    const Key = `rotten/${mebibytes}.bin`;
    await stack.put({ [Key]: body });
    const link = await stack.create([{ path: Key }]);
    corruptStoredBody(stack.dataDir, body);
    await expectFailure(link);
    const { bytes } = await end(link);
    expect(bytes.length).toBeLessThan(body.length);
  });
});

describe("a client that hangs up", () => {
  test("ends the reading of sources", async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `left/${index}.bin`);
    await stack.put(Object.fromEntries(keys.map((key, index) => [key, patternBytes(MiB, index)])));
    const link = await stack.create([{ folder: "/left" }]);
    const requests = watchS3(stack.s3Endpoint);
    const failedBefore = stack.failures.length;
    const response = await openResponse(link);
    response.resume();
    await new Promise((resolve) => response.once("data", resolve));
    response.destroy();
    await expect.poll(() => requests.openCount, { timeout: 5000 }).toBe(0);
    const readCount = requests.lines.length;
    expect(readCount).toBeGreaterThan(0);
    expect(readCount).toBeLessThan(90);
    // Another download on the same process goes its way, and wakes nothing up.
    await stack.put({ "after.txt": "after" });
    const putLines = requests.lines.length;
    await bytesOf(await stack.create([{ path: "/after.txt" }]));
    expect(requests.lines.slice(putLines).filter((line) => line.includes("/left/"))).toEqual([]);
    expect(stack.failures.slice(failedBefore)).toEqual([]);
  }, 60_000);
});
