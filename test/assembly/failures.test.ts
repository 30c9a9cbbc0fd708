import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { ArchiveBucket } from "../../lambdas/ball/archive-bucket.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import type { SourceReader } from "../../lambdas/ball/source.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { passingTime } from "./passing-time.ts";
import { copyingPays, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();

const pass = passingTime();

const sizes = [11 * MiB, 100, 10.5 * MiB];

/** A run whose bucket of archives fails as `fail` says, which is asked before each request. */
async function failingRun(fail: (request: keyof ArchiveBucket) => Error | undefined) {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const archives = new Proxy(run.context.archives, {
    get(target, name: keyof ArchiveBucket) {
      const error = fail(name);
      return error === undefined ? Reflect.get(target, name) : () => Promise.reject(error);
    },
  });
  Object.assign(run.context, { archives });
  return { run, source };
}

test("what fails once is tried again, and nothing is told of it", async () => {
  let uploads = 0;
  const { run, source } = await failingRun((request) => {
    if (request === "uploadPart") uploads += 1;
    return request === "uploadPart" && uploads === 1 ? new Error("a moment") : undefined;
  });
  await run.untilDone(pass);
  expect(run.failures).toHaveLength(1);
  expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
});

test("what goes on failing is told, leaves nothing, and is done when it is put back into the queue", async () => {
  let isDown = true;
  const { run, source } = await failingRun((request) =>
    isDown && request === "copyPart" ? new BallError("archive-unwritable", "S3 takes no parts") : undefined,
  );
  await run.untilDone(pass);
  const failed = await run.assemblies.find(run.ball);
  expect(failed).toMatchObject({ attempt: 1, state: "failed", failure: "S3 takes no parts" });
  expect(await run.left()).toEqual({ objects: [], uploads: [] });
  expect(run.dead).toHaveLength(1);

  isDown = false;
  run.redrive();
  await run.untilDone(pass);
  expect(await run.assemblies.find(run.ball)).toMatchObject({ attempt: 2, state: "complete" });
  expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
});

test("what failed comes again soon, and later each time", async () => {
  const { run } = await failingRun((request) =>
    request === "beginUpload" ? new Error("a moment") : undefined,
  );
  const held: number[] = [];
  const begin = run.take();
  const holdMessage = async (seconds: number) => void held.push(seconds);
  for (let time = 0; time < 3; time += 1) await run.step(begin, { holdMessage });
  // 90 s each while it was worked on.
  expect(held).toEqual([90, 2, 90, 4, 90, 8]);
});

test("a message that was tried too often by workers that died fails its assembly", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const message = run.take();
  await run.step({ ...message, receiveCount: 5 });
  expect(await run.assemblies.find(run.ball)).toMatchObject({
    state: "failed",
    failure: expect.stringMatching(/ended without a word/),
  });
  expect(run.dead).toHaveLength(1);
});

test("work of a ball that has expired, or that there is none of, is no longer done, and what there was is removed", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const begin = run.take();
  await run.step(begin);
  expect((await run.left()).uploads).toHaveLength(1);
  pass(3600 + 301);
  await run.untilDone(pass);
  expect(run.failures).toEqual([]);
  expect(await run.left()).toEqual({ objects: [], uploads: [] });
  await run.step({ ...begin, work: { ...begin.work, ballId: "f2aa8da0-7d7c-4a58-9e64-d7ff9c5a1a11" } });
  expect(run.failures).toEqual([]);
});

test("objects that are gone are left out by another plan, which is assembled", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const { manifest } = source;
  for (const entry of [0, 1]) {
    await s3().client.send(new DeleteObjectCommand({ Bucket: manifest.bucket, Key: manifest.key(entry) }));
  }
  await run.untilDone(pass);
  expect(run.failures).toEqual([]);
  const present = await run.store.get(run.ball.ballId);
  expect(present).toMatchObject({ planNumber: 1, skippedFileCount: 2, fileCount: 1 });
  const archive = await run.archive();
  expect(archive.length).toBe(present?.lengthBytes);
  expect(archive.includes("_skipped.txt")).toBe(true);
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
});

test.each([
  ["copied", 0],
  ["moved", 1],
])("a CRC-32 that the bytes of a %s object do not have is corrected by another plan", async (_how, entry) => {
  const source = await ballOfSizes(s3(), sizes);
  const right = source.crc32s.get(entry);
  source.crc32s.set(entry, 0x1234_5678);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  await run.untilDone(pass);
  expect(run.failures).toEqual([]);
  expect(await run.store.get(run.ball.ballId)).toMatchObject({ planNumber: 1 });
  expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
  expect(source.reference.crc32Of(entry)).toBe(right);
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
});

test.each([
  ["copied", 0],
  ["moved", 1],
])(
  "bytes of a %s object that S3's own CRC-32 refutes, again and again, are handed out to nobody",
  async (_how, entry) => {
    const source = await ballOfSizes(s3(), sizes);
    source.crc32s.set(entry, 0x1234_5678);
    const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
    const { reader } = run.context;
    const describePinned: SourceReader["describePinned"] = async (...asked) => ({
      ...(await reader.describePinned(...asked)),
      crc32: 0x1234_5678,
    });
    Object.assign(run.context, { reader: { ...reader, describePinned } });
    await run.untilDone(pass);
    expect(await run.store.get(run.ball.ballId)).toMatchObject({ planNumber: 0 });
    expect(await run.assemblies.find(run.ball)).toMatchObject({ state: "failed" });
    expect(await run.left()).toEqual({ objects: [], uploads: [] });
  },
);

test("a worker that planned anew and died before it asked for that is followed by one that asks", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const begin = run.take();
  const { manifest } = source;
  await s3().client.send(new DeleteObjectCommand({ Bucket: manifest.bucket, Key: manifest.key(1) }));
  const send = run.send.bind(run);
  run.send = () => Promise.reject(new Error("SQS is away"));
  Object.assign(run.context, { queue: run });
  await run.step(begin);
  run.send = send;
  await run.untilDone(pass);
  expect((await run.archive()).length).toBe((await run.store.get(run.ball.ballId))?.lengthBytes);
});
