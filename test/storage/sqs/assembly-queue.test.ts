import {
  type Message,
  ReceiveMessageCommand,
  type SendMessageBatchCommandOutput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { AssemblyWork } from "../../../lambdas/ball/assembly.ts";
import { createAssemblyQueue } from "../../../lambdas/storage/sqs/assembly-queue.ts";
import { formatAssemblyWork, parseAssemblyWork } from "../../../lambdas/storage/sqs/assembly-work.ts";
import { holdMessage } from "../../../lambdas/storage/sqs/hold-message.ts";
import { countsIn, testQueue } from "../../local/events/test-queue.ts";

const work = (group: number): AssemblyWork => ({
  ballId: "0b9c2c1e-8f0e-4c36-9d55-6a0f3f4a8a01",
  planEtag: '"etag"',
  attempt: 1,
  task: "group",
  group,
  generation: 0,
});

async function receiveAll(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const received: Message[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await client.send(command);
    if (Messages.length === 0) return received;
    received.push(...Messages);
  }
}

/** What was asked for, in messages that all have ids of their own. */
function bodies(messages: readonly Message[]): AssemblyWork[] {
  const received = messages.map(({ Body = "" }) => parseAssemblyWork(Body));
  expect(new Set(received.map(({ id }) => id)).size).toBe(received.length);
  return received.map(({ id, ...asked }) => asked);
}

describe("work that is sent", () => {
  test.each([0, 1, 10, 11, 95])("arrives once each: %i messages", async (count) => {
    const { client, url } = await testQueue();
    const sent = Array.from({ length: count }, (_, group) => work(group));
    await createAssemblyQueue(client, url).send(sent);
    const arrived = bodies(await receiveAll(client, url));
    expect(arrived.sort((a, b) => a.group - b.group)).toEqual(sent);
  });

  test("is not there before its delay is over", async () => {
    const { client, url } = await testQueue();
    await createAssemblyQueue(client, url).send([work(1)], 900);
    expect(await receiveAll(client, url)).toEqual([]);
    await createAssemblyQueue(client, url).send([work(2)], 0);
    expect(bodies(await receiveAll(client, url))).toEqual([work(2)]);
  });

  test("to a queue that is not there fails", async () => {
    const { client, url } = await testQueue();
    await expect(createAssemblyQueue(client, `${url}-not`).send([work(1)])).rejects.toThrow();
  });
});

const batch = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });

type Refused = NonNullable<SendMessageBatchCommandOutput["Failed"]>[number];

/** A queue that refuses some messages of each batch; what it was sent, by batch. */
function refusing(refuse: (group: number, nth: number) => Omit<Refused, "Id"> | undefined) {
  const batches: number[][] = [];
  const client = new SQSClient({
    region: "eu-west-3",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  onTestFinished(() => client.destroy());
  client.middlewareStack.add(
    () => async (args) => {
      const { Entries } = batch.parse(args.input);
      const asked = Entries.map(({ Id, MessageBody }) => ({ Id, ...parseAssemblyWork(MessageBody) }));
      batches.push(asked.map(({ group }) => group));
      const Failed = asked.flatMap(({ Id, group }) => {
        const refused = refuse(group, batches.length);
        return refused === undefined ? [] : [{ Id, ...refused }];
      });
      return { response: {}, output: { $metadata: {}, Successful: [], Failed } };
    },
    { step: "initialize" },
  );
  return { queue: createAssemblyQueue(client, "https://sqs.eu-west-3.amazonaws.com/1/q"), batches };
}

describe("messages that SQS refuses", () => {
  const busy = { Code: "InternalError", Message: "Try again", SenderFault: false };

  test("are sent again, and they alone", async () => {
    const { queue, batches } = refusing((group, nth) => (group % 2 === 1 && nth < 3 ? busy : undefined));
    await queue.send([work(0), work(1), work(2), work(3)]);
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  test("again and again are told", async () => {
    const { queue, batches } = refusing((group) => (group === 1 ? busy : undefined));
    await expect(queue.send([work(0), work(1)])).rejects.toThrow("SQS refused 1 of 2 messages: Try again");
    expect(batches).toHaveLength(5);
  });

  test("for what is in them are told at once", async () => {
    const { queue, batches } = refusing(() => ({ ...busy, Message: "Too long", SenderFault: true }));
    await expect(queue.send([work(0)])).rejects.toThrow("Too long");
    expect(batches).toHaveLength(1);
  });
});

describe("a message that is worked on", () => {
  test("is hidden for as long as it is held, and comes again when it is let go", async () => {
    const { client, url: queueUrl } = await testQueue(0);
    await createAssemblyQueue(client, queueUrl).send([work(1)]);
    const [message] = (await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages ?? [];
    const held = { queueUrl, receiptHandle: message?.ReceiptHandle ?? "" };
    await holdMessage(client, held, 90);
    expect(await countsIn({ client, url: queueUrl })).toEqual([0, 1]);
    await holdMessage(client, held, 0);
    expect(
      bodies((await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages ?? []),
    ).toEqual([work(1)]);
  });

  test("can not be held for longer than SQS hides one", async () => {
    const { client, url: queueUrl } = await testQueue();
    await createAssemblyQueue(client, queueUrl).send([work(1)]);
    const [message] = await receiveAll(client, queueUrl);
    const held = { queueUrl, receiptHandle: message?.ReceiptHandle ?? "" };
    await expect(holdMessage(client, held, 43_201)).rejects.toThrow();
  });
});

describe("the body of a message", () => {
  const received = { ...work(1), id: "a" };

  test("comes back as the work it was", () => {
    for (const task of ["begin", "group", "close"] as const) {
      const asked = { ...work(3), task, generation: 7, attempt: 2 };
      expect(parseAssemblyWork(formatAssemblyWork(asked))).toEqual({ ...asked, id: expect.any(String) });
    }
  });

  test.each([
    ["no JSON", "begin"],
    ["nothing", "{}"],
    ["another task", JSON.stringify({ ...received, task: "delete" })],
    ["no attempt", JSON.stringify({ ...received, attempt: 0 })],
    ["half a group", JSON.stringify({ ...received, group: 0.5 })],
    ["without an id", JSON.stringify(work(1))],
    ["more than work", JSON.stringify({ ...received, bucket: "b" })],
  ])("that is %s is none", (_what, body) => {
    expect(() => parseAssemblyWork(body)).toThrow();
  });
});
