import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { ArchiveBucket } from "../../lambdas/ball/archive-bucket.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";
import { passingTime } from "./passing-time.ts";
import { copyingPays, fewParts, MiB } from "./small-balls.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
const pass = passingTime();
const sizes = [12 * MiB, 100, 3 * MiB, 17 * MiB, 0, 11 * MiB, 5];

test("a compressed archive that was refused when it was written is accepted by no later try", async () => {
  const source = await ballOfSizes(s3(), [300_000, 7]);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { ball: { compression: "deflate" } });
  let times = 0;
  s3().client.middlewareStack.add(
    (next) => (args) => {
      const { input } = args;
      if (times > 0 || !("Body" in input) || !(input.Body instanceof Uint8Array)) return next(args);
      times += 1;
      return next({ ...args, input: { ...input, Body: Buffer.from(input.Body).subarray(0, -10) } });
    },
    { step: "initialize", name: "cutter" },
  );
  await run.untilDone(pass).finally(() => s3().client.middlewareStack.remove("cutter"));
  const archive = await run.archive();
  expect(archive.readUInt32LE(archive.length - 22)).toBe(0x0605_4b50);
});

test("of closing messages, of which there may be several, only the one it failed by begins the next attempt", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  const refusal = new BallError("archive-unwritable", "no");
  const archives = new Proxy(run.context.archives, {
    get: (target, name: keyof ArchiveBucket) =>
      name === "complete" ? () => Promise.reject(refusal) : Reflect.get(target, name),
  });
  Object.assign(run.context, { archives });
  await run.step(run.take());
  await Promise.all(run.messages.splice(0).map((message) => run.step(message)));
  const close = run.take();
  run.messages.length = 0;
  await run.send([close.work], 60);
  const late = run.take();
  run.messages.push(close);
  await run.untilDone(pass);
  expect(run.dead).toEqual([close.work]);
  await run.step(late);
  expect(run.messages).toEqual([]);
  run.redrive();
  await run.step(run.take());
  expect(run.messages.map(({ work }) => [work.task, work.attempt])).toEqual([["begin", 2]]);
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
  const source = await ballOfSizes(
    s3(),
    Array.from({ length: 8 }, () => 10.5 * MiB),
  );
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  await run.step(run.take());
  const groups = run.messages.splice(0);
  await s3().client.send(
    new DeleteObjectCommand({ Bucket: source.manifest.bucket, Key: source.manifest.key(0) }),
  );
  for (const message of groups) await run.step(message);
  const begins = run.messages.splice(0);
  expect(begins).toHaveLength(1);
  for (const message of begins) await run.step(message);
  expect(run.messages.length, "messages of groups").toBeLessThanOrEqual(8);
});

test("work that another has is asked for again later, and does not count as handed on", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  await run.step(run.take());
  const group = run.take();
  run.messages.length = 0;
  const nowEpochMs = Date.now();
  const name = { ball: run.ball, attempt: 1, group: group.work.group };
  await run.assemblies.lease(name, "busy", { nowEpochMs, untilEpochMs: nowEpochMs + 60_000 });
  await run.step(group);
  expect(run.messages).toMatchObject([{ work: { ...group.work, id: expect.any(String) }, delaySeconds: 60 }]);
});

test("a release that plans other parts begins anew what another has begun", async () => {
  const source = await ballOfSizes(s3(), sizes);
  const run = await AssemblyRun.of(s3(), dynamodb(), source, { context: { planOptions: copyingPays } });
  await run.step(run.take());
  await run.step(run.take());
  Object.assign(run.context, { planOptions: {} });
  await run.untilDone(pass);
  expect(run.failures).toEqual([]);
  expect(await run.assemblies.find(run.ball)).toMatchObject({ attempt: 2, state: "complete" });
  expect((await run.archive()).equals(source.reference.bytes())).toBe(true);
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/\/2\/archive\.zip$/)], uploads: [] });
});
