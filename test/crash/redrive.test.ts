import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { ballOfSizes } from "../faults/faulty-ball.ts";
import { CrashRun } from "./crash-run.ts";
import { testCrashServers } from "./crash-servers.ts";

const servers = testCrashServers();
const MiB = 1024 * 1024;

/** Puts the messages of the dead-letter queue back, as they are: to these alone a failed assembly listens. Answers how many. */
async function redrive(): Promise<number> {
  const { client, url, deadLettersUrl } = servers().queue;
  for (let count = 0; ; count += 1) {
    const receive = new ReceiveMessageCommand({ QueueUrl: deadLettersUrl });
    const [message] = (await client.send(receive)).Messages ?? [];
    if (message === undefined) return count;
    const { Body: MessageBody, ReceiptHandle } = message;
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    await client.send(new DeleteMessageCommand({ QueueUrl: deadLettersUrl, ReceiptHandle }));
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
    expect(await redrive()).toBe(1);
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
