import { beforeAll, expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { entriesOf } from "../e2e/read-zip.ts";
import type { FaultyBall } from "../faults/faulty-ball.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { AssemblyRun } from "./assembly-run.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
const MiB = 1024 * 1024;
let source: FaultyBall;

beforeAll(async () => {
  source = await ballOfSizes(s3(), [9 * MiB, 0, 300_000, 7]);
});

const runOf = (of: FaultyBall = source) =>
  AssemblyRun.of(s3(), dynamodb(), of, { knowsCrc32s: false, ball: { compression: "deflate" } });

async function expectRight(run: AssemblyRun): Promise<void> {
  const entries = await entriesOf(await run.archive());
  expect(entries.map(({ name, crc32 }) => [name, crc32])).toEqual(
    source.reference.entries.map(({ name }, index) => [name, source.reference.crc32Of(index)]),
  );
  expect(await run.left()).toEqual({ objects: [expect.stringMatching(/\/1\/archive\.zip$/)], uploads: [] });
}

test("a compressed ball's archive is made in one go, and its CRC-32s are kept", async () => {
  const run = await runOf();
  await run.untilDone();
  expect([run.failures, run.outcomes]).toEqual([[], ["done"]]);
  await expectRight(run);
  const known = await run.store.getCrc32s(run.ball);
  expect(known.get(0)).toBe(source.reference.crc32Of(0));
});

test("a message that comes twice, at once or later, makes one archive", async () => {
  const run = await runOf();
  const message = run.take();
  await Promise.all([run.step(message), run.step({ ...message })]);
  await run.untilDone();
  await run.step({ ...message, receiveCount: 0 });
  expect(run.failures).toEqual([]);
  await expectRight(run);
});

test("what a worker left that ended in the middle is removed", async () => {
  const run = await runOf();
  const key = `${run.ball.ballId}/${run.ball.etag.replaceAll('"', "")}/1/archive.zip`;
  await run.context.archives.beginUpload(key);
  await run.untilDone();
  await expectRight(run);
});

test("a worker without time enough says so, and leaves nothing", async () => {
  const run = await runOf();
  let asked = 0;
  run.remainingMs = () => {
    asked += 1;
    return asked % 10 === 0 ? 100 : 1000;
  };
  await run.untilDone();
  expect(run.failures[0]).toMatchObject({ code: "assembly-failed" });
  expect(await run.assemblies.find(run.ball)).toMatchObject({
    state: "failed",
    failure: expect.stringMatching(/^Time ran out after \d+ bytes were compressed/),
  });
  expect(await run.left()).toEqual({ objects: [], uploads: [] });
});

test("without a source that is gone, the ball is planned and compressed anew", async () => {
  const changing = await ballOfSizes(s3(), [300_000, 5, 6 * MiB]);
  const run = await runOf(changing);
  await s3().put(changing.manifest.bucket, changing.manifest.key(2), "another");
  await run.untilDone();
  const entries = await entriesOf(await run.archive());
  expect(entries.slice(0, 2).map(({ name }) => name)).toEqual([
    changing.manifest.name(0),
    changing.manifest.name(1),
  ]);
  expect(entries[2]?.content.toString()).toContain(changing.manifest.name(2));
  expect((await run.left()).uploads).toEqual([]);
});

test("with a CRC-32 that S3 does not tell, the ball is planned with the right one and compressed anew", async () => {
  const crc32s = new Crc32Column(source.crc32s.entryCount);
  crc32s.merge(source.crc32s);
  crc32s.set(2, 1);
  const ball = { compression: "deflate" } as const;
  const run = await AssemblyRun.of(s3(), dynamodb(), { ...source, crc32s }, { ball });
  await run.untilDone();
  expect(run.failures).toEqual([]);
  expect((await run.store.get(run.ball.ballId))?.planNumber).toBe(1);
  await expectRight(run);
});
