import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { AssemblyWork } from "../../lambdas/ball/assembly.ts";
import { parseAssemblyWork } from "../../lambdas/storage/sqs/assembly-work.ts";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { CrashRun } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";

const servers = testCrashServers();
const MiB = 1024 * 1024;

/** Takes what is in the dead-letter queue out of it, as a redrive does. */
async function takeDeadLetters(): Promise<AssemblyWork[]> {
  const { client, deadLettersUrl: QueueUrl } = servers().queue;
  const work: AssemblyWork[] = [];
  for (;;) {
    const [message] = (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
    if (message === undefined) return work;
    work.push(parseAssemblyWork(message.Body ?? ""));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  }
}

test.each(["copying pays", "few parts"] as const)(
  "where %s, an assembly that may not copy fails after five tries, leaves a dead letter and nothing else, and is made when that is put back",
  async (plan) => {
    const { proxy, s3 } = servers();
    const source = await ballOfSizes(s3, [11 * MiB, 100, 10.5 * MiB]);
    const { bucket } = source.manifest;
    const run = await CrashRun.of(servers(), source, { plan, concurrency: 2 });
    proxy.refuse = ({ copiedFrom }) =>
      copiedFrom?.startsWith(`${bucket}/`) ? { status: 403, code: "AccessDenied" } : undefined;
    await run.untilDone();
    const failed = await run.assembly.assemblies.find(run.assembly.ball);
    expect(failed).toMatchObject({
      attempt: 1,
      state: "failed",
      failure: expect.stringMatching(/^S3 does not let this service copy "10\d of \d+" in bucket /),
    });
    expect(await run.assembly.left()).toEqual({ objects: [], uploads: [] });

    proxy.refuse = () => undefined;
    const dead = await takeDeadLetters();
    expect(dead).toHaveLength(1);
    await run.send(dead);
    await run.untilDone();
    expect(await run.assembly.assemblies.find(run.assembly.ball)).toMatchObject({
      attempt: 2,
      state: "complete",
    });
    expect((await run.assembly.archive()).equals(source.reference.bytes())).toBe(true);
    expect(await run.assembly.left()).toEqual({
      objects: [expect.stringMatching(/\/2\/archive\.zip$/)],
      uploads: [],
    });
    await run.remove();
  },
  60_000,
);
