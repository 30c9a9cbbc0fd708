import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ArchiveBucket } from "../../lambdas/ball/archive-bucket.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());
const pass = (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1000);
const sizes = [12 * MiB, 100, 3 * MiB, 17 * MiB, 0, 11 * MiB, 5];

test("a compressed archive that was refused when it was written is accepted by no later try", async () => {
  const source = await ballOfSizes(s3(), [300_000, 7]);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { ball: { compression: "deflate" } });
  let times = 0;
  s3().client.middlewareStack.add(
    (next) => (args) => {
      const input = args.input as { Body?: Uint8Array; Key?: string };
      if (input.Key?.endsWith("archive.zip") && input.Body instanceof Uint8Array && times++ === 0)
        input.Body = input.Body.subarray(0, input.Body.length - 10);
      return next(args);
    },
    { step: "initialize", name: "cutter" },
  );
  await run.untilDone(pass).finally(() => s3().client.middlewareStack.remove("cutter"));
  const archive = await run.archive();
  expect(archive.readUInt32LE(archive.length - 22)).toBe(0x0605_4b50);
});

test("a closing message that came twice does not begin the next attempt", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const archives = new Proxy(run.context.archives, {
    get: (target, name: keyof ArchiveBucket) =>
      name === "complete" ? () => Promise.reject(new BallError("archive-unwritable", "no")) : Reflect.get(target, name),
  });
  Object.assign(run.context, { archives });
  const [begin] = run.messages.splice(0);
  if (begin) await run.step(begin);
  await Promise.all(run.messages.splice(0).map((message) => run.step(message)));
  expect.soft(run.messages.length, "closing messages").toBe(1);
  const [close] = run.messages.splice(0);
  if (close === undefined) throw new Error("no message");
  await run.send([{ ...close.work, generation: 1 }], 60);
  const [late] = run.messages.splice(0);
  run.messages.push(close);
  await run.untilDone(pass);
  if (late) await run.step(late);
  expect(run.messages.map(({ work }) => [work.task, work.attempt])).toEqual([]);
});

test("objects of groups are removed when that fails once", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: fewParts } });
  let failed = false;
  const archives = new Proxy(run.context.archives, {
    get: (target, name: keyof ArchiveBucket) =>
      name !== "removeAll"
        ? Reflect.get(target, name)
        : async (prefix: string, except?: string) => {
            if (!failed) {
              failed = true;
              throw new BallError("archive-unwritable", "SlowDown");
            }
            await target.removeAll(prefix, except);
          },
  });
  Object.assign(run.context, { archives });
  await run.untilDone(pass);
  expect((await run.left()).objects).toEqual([expect.stringMatching(/archive\.zip$/)]);
});

test("messages of a plan that was followed by another begin that once", async () => {
  const source = await ballOfSizes(s3(), Array.from({ length: 8 }, () => 10.5 * MiB));
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const [begin] = run.messages.splice(0);
  if (begin) await run.step(begin);
  const groups = run.messages.splice(0);
  await s3().client.send(
    new DeleteObjectCommand({ Bucket: source.manifest.bucket, Key: source.manifest.key(0) }),
  );
  for (const message of groups) await run.step(message);
  const begins = run.messages.splice(0);
  expect.soft(begins.length, "messages that begin").toBe(1);
  for (const message of begins) await run.step(message);
  expect(run.messages.length, "messages of groups").toBeLessThanOrEqual(8);
});

test("work that another has is not given up, however often it was handed on", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const [begin] = run.messages.splice(0);
  if (begin) await run.step(begin);
  const [group] = run.messages;
  if (group === undefined) throw new Error("no message");
  const nowEpochMs = Date.now();
  const name = { ball: run.ball, attempt: 1, group: group.work.group };
  await run.assemblies.lease(name, "busy", { nowEpochMs, untilEpochMs: nowEpochMs + 60_000 });
  await run.step({ ...group, work: { ...group.work, generation: 501 } });
  expect(await run.assemblies.find(run.ball)).toMatchObject({ state: "assembling" });
});
