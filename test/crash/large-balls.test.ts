import { expect, test } from "vitest";
import { CrashRun } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";
import { expectArchive, sparseBall } from "./sparse-ball.ts";

const servers = testCrashServers();
const GiB = 1024 ** 3;

test("of 50 GiB in five objects not a hundredth passes through the worker", async () => {
  const { s3, archivesBucket } = servers();
  const sizes = Array.from({ length: 5 }, () => 10 * GiB);
  const source = await sparseBall(s3, sizes);
  const run = await CrashRun.of(servers(), source, { plan: "as deployed" });
  await run.untilDone();
  const { movedBytes, copiedBytes } = run.traffic;
  expect(movedBytes).toBeLessThan(source.layout.lengthBytes / 100);
  expect(copiedBytes).toBeGreaterThan(49 * GiB);
  expect(run.workers.peakBytes).toBeLessThan(300e6);
  const left = await run.assembly.left();
  expect(left).toEqual({ objects: [expect.stringMatching(/archive\.zip$/)], uploads: [] });
  await expectArchive(s3.client, { Bucket: archivesBucket, Key: left.objects[0] ?? "" }, source);
}, 120_000);
