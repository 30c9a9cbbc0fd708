import { GetQueueUrlCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import type { FunctionFailure } from "../../../local/api-gateway/invocation.ts";
import { type EventSourceMapping, mapQueue } from "../../../local/events/event-source-mapping.ts";
import type { Queue } from "../../../local/events/queue.ts";
import { failedMessageIds } from "../../../local/events/sqs-event.ts";
import { countsIn, loseQueue, region, testQueue } from "./test-queue.ts";

const milliseconds = z.string().regex(/^\d{13}$/);
/** Every field as Lambda's developer guide has it ("Using Lambda with Amazon SQS"), and no other. */
const eventSchema = z.strictObject({
  Records: z
    .array(
      z.strictObject({
        messageId: z.uuid(),
        receiptHandle: z.string().min(1),
        body: z.string(),
        attributes: z.strictObject({
          ApproximateReceiveCount: z.string().regex(/^\d+$/),
          SentTimestamp: milliseconds,
          SenderId: z.string().min(1),
          ApproximateFirstReceiveTimestamp: milliseconds,
        }),
        messageAttributes: z.record(
          z.string(),
          z.strictObject({
            dataType: z.string(),
            stringValue: z.string().optional(),
            binaryValue: z.base64().optional(),
            stringListValues: z.tuple([]),
            binaryListValues: z.tuple([]),
          }),
        ),
        md5OfBody: z.string().regex(/^[0-9a-f]{32}$/),
        eventSource: z.literal("aws:sqs"),
        eventSourceARN: z.string().regex(/^arn:aws:sqs:eu-west-3:\d{12}:zipball-object-events$/),
        awsRegion: z.literal(region),
      }),
    )
    .min(1)
    .max(10),
});

type Answer = (bodies: readonly string[], event: SQSEvent) => unknown;

/** A function that is called with what comes to a queue; `calls` are the bodies of each call. */
function startMapping(
  queue: Queue,
  answer: Answer = () => undefined,
  more: Partial<EventSourceMapping> = {},
) {
  const calls: string[][] = [];
  const failures: FunctionFailure[] = [];
  const handler = async (event: SQSEvent) => {
    const bodies = event.Records.map(({ body }) => body);
    calls.push(bodies);
    return await answer(bodies, event);
  };
  const report = (failure: FunctionFailure) => void failures.push(failure);
  const stop = mapQueue({ queue, region, functionName: "function", handler, report, ...more });
  onTestFinished(stop);
  return { calls, failures, stop };
}

async function sendTo({ client, url }: Queue, bodies: readonly string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
    MessageAttributes: {
      text: { DataType: "String", StringValue: "t" },
      bytes: { DataType: "Binary", BinaryValue: Buffer.from("b") },
    },
  }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
}

const soon = { timeout: 10_000 };

test("a function gets up to 10 messages as Lambda gives them to it, and what it has done is gone", async () => {
  const queue = await testQueue();
  const bodies = Array.from({ length: 10 }, (_, index) => `message ${index}`);
  await sendTo(queue, bodies);
  await sendTo(queue, ["one more"]);
  const events: SQSEvent[] = [];
  const { calls } = startMapping(queue, (_bodies, event) => void events.push(event));
  await vi.waitFor(async () => expect(await countsIn(queue)).toEqual([0, 0]), soon);
  expect(calls).toEqual([bodies, ["one more"]]);
  for (const event of events) eventSchema.parse(event);
  expect(events[0]?.Records[0]?.messageAttributes).toMatchObject({
    text: { dataType: "String", stringValue: "t" },
    bytes: { dataType: "Binary", binaryValue: Buffer.from("b").toString("base64") },
  });
});

test("what comes later is handed over at once", async () => {
  const queue = await testQueue();
  const { calls } = startMapping(queue);
  await sendTo(queue, ["first"]);
  await vi.waitFor(() => expect(calls).toEqual([["first"]]));
  await sendTo(queue, ["second"]);
  await vi.waitFor(() => expect(calls).toEqual([["first"], ["second"]]));
});

test("of a batch only what the function failed on comes again", async () => {
  const queue = await testQueue(1);
  await sendTo(queue, ["good", "bad", "good too"]);
  const { calls } = startMapping(queue, (bodies, { Records }) => {
    const failed = calls.length === 1 ? Records.filter((_record, index) => bodies[index] === "bad") : [];
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await vi.waitFor(() => expect(calls).toEqual([["good", "bad", "good too"], ["bad"]]), soon);
  await vi.waitFor(async () => expect(await countsIn(queue)).toEqual([0, 0]));
});

test("a function that fails as a whole gets all of it again, and its failure is told", async () => {
  const queue = await testQueue(1);
  await sendTo(queue, ["a", "b"]);
  const { calls, failures } = startMapping(queue, () => {
    if (calls.length === 1) throw new Error("not today");
  });
  await vi.waitFor(() => expect(calls).toHaveLength(2), soon);
  expect(calls[1]?.toSorted()).toEqual(["a", "b"]);
  expect(failures).toMatchObject([{ functionName: "function", error: { message: "not today" } }]);
});

test("what fails five times goes to the dead-letter queue", async () => {
  const queue = await testQueue(0);
  await sendTo(queue, ["poison"]);
  const { calls, stop } = startMapping(queue, (_bodies, { Records }) => ({
    batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
  }));
  const { QueueUrl: url = "" } = await queue.client.send(
    new GetQueueUrlCommand({ QueueName: "zipball-object-events-dead" }),
  );
  await vi.waitFor(async () => expect(await countsIn({ ...queue, url })).toEqual([1, 0]), soon);
  await stop();
  expect(calls).toHaveLength(5);
  expect(await countsIn(queue)).toEqual([0, 0]);
});

test("a function is not called before whatever has to be done first", async () => {
  const queue = await testQueue();
  await sendTo(queue, ["a"]);
  const happened: string[] = [];
  const beforeCall = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    happened.push("first");
  };
  const handler = async () => void happened.push("called");
  const stop = mapQueue({ queue, region, functionName: "f", handler, report: () => undefined, beforeCall });
  await vi.waitFor(() => expect(happened).toEqual(["first", "called"]), soon);
  await stop();
});

test("a function that is to rest after its work is called for only a part of the time", async () => {
  const queue = await testQueue();
  await sendTo(
    queue,
    Array.from({ length: 10 }, (_, index) => `first ${index}`),
  );
  await sendTo(queue, ["second"]);
  const calledAtMs: number[] = [];
  const handler = async () => {
    calledAtMs.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const report = () => undefined;
  const stop = mapQueue({ queue, region, functionName: "f", handler, report, restPerWork: 4 });
  await vi.waitFor(() => expect(calledAtMs).toHaveLength(2), soon);
  await stop();
  const [first = 0, second = 0] = calledAtMs;
  // 50 ms of work and four times as much rest, by timers that may be a little early.
  expect(second - first).toBeGreaterThan(240);
});

test("stopping does not wait for messages, but for the call under way", async () => {
  const queue = await testQueue();
  const idle = startMapping(queue);
  await idle.stop();
  let isDone = false;
  const { calls, stop } = startMapping(queue, async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    isDone = true;
  });
  await sendTo(queue, ["a"]);
  await vi.waitFor(() => expect(calls).toHaveLength(1), soon);
  await stop();
  expect(isDone).toBe(true);
  expect(await countsIn(queue)).toEqual([0, 0]);
});

test("as many calls are under way as may be, each with as many messages as it may have", async () => {
  const queue = await testQueue();
  await sendTo(queue, ["a", "b", "c", "d", "e"]);
  let [underWay, most] = [0, 0];
  const release = Promise.withResolvers<void>();
  const work = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await release.promise;
    underWay -= 1;
  };
  const { calls } = startMapping(queue, work, { batchSize: 1, concurrency: 2 });
  await vi.waitFor(() => expect(underWay).toBe(2), soon);
  expect(await countsIn(queue)).toEqual([3, 2]);
  release.resolve();
  await vi.waitFor(async () => expect(await countsIn(queue)).toEqual([0, 0]), soon);
  expect(calls.map((bodies) => bodies.length)).toEqual([1, 1, 1, 1, 1]);
  expect(most).toBe(2);
});

test("a mapping that may have no calls leaves all in the queue", async () => {
  const queue = await testQueue();
  await sendTo(queue, ["a"]);
  const { calls, stop } = startMapping(queue, () => undefined, { concurrency: 0 });
  await stop();
  expect(calls).toEqual([]);
  expect(await countsIn(queue)).toEqual([1, 0]);
});

test("while nothing comes the queue is hardly asked", async () => {
  const queue = await testQueue();
  const asked = vi.spyOn(queue.client, "send");
  startMapping(queue, () => undefined, { concurrency: 2 });
  await countsIn(queue);
  await countsIn(queue);
  // One long poll for each call that could be made, and the two questions above.
  expect(asked).toHaveBeenCalledTimes(4);
});

test("a call that takes longer than it may is a failure, and its message comes again", async () => {
  const queue = await testQueue(1);
  await sendTo(queue, ["long"]);
  const answer = () => (calls.length === 1 ? new Promise(() => {}) : undefined);
  const { calls, failures } = startMapping(queue, answer, { functionTimeoutMs: 50 });
  await vi.waitFor(async () => expect(await countsIn(queue)).toEqual([0, 0]), soon);
  expect(calls).toEqual([["long"], ["long"]]);
  expect(failures).toMatchObject([{ functionName: "function", error: { message: "Its time is over" } }]);
});

test("when it is stopped a function that looks at its time hands on what it has not done", async () => {
  const queue = await testQueue();
  await sendTo(queue, ["long"]);
  const begun = Promise.withResolvers<void>();
  const handler = async (_event: SQSEvent, context: { getRemainingTimeInMillis(): number }) => {
    begun.resolve();
    while (context.getRemainingTimeInMillis() > 60_000) await new Promise((resolve) => setImmediate(resolve));
    await sendTo(queue, ["the rest"]);
  };
  const report = () => undefined;
  const mapping = { queue, region, functionName: "f", handler, report, functionTimeoutMs: 900_000 };
  const stop = mapQueue(mapping);
  await begun.promise;
  await stop();
  // What it was called with is done, and gone; what it handed on waits.
  expect(await countsIn(queue)).toEqual([1, 0]);
});

test("a queue that is away is told of once, and asked again", async () => {
  const queue = await testQueue();
  await loseQueue(queue);
  const asked = vi.spyOn(queue.client, "send");
  const { failures } = startMapping(queue, () => undefined, { concurrency: 2 });
  await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThanOrEqual(4), soon);
  expect(failures).toHaveLength(1);
});

test.each([
  ["nothing", undefined, []],
  ["null", null, []],
  ["an object without the list", {}, []],
  ["no list", { batchItemFailures: null }, []],
  ["an empty list", { batchItemFailures: [] }, []],
  ["one of them", { batchItemFailures: [{ itemIdentifier: "2" }] }, ["2"]],
  ["one twice", { batchItemFailures: [{ itemIdentifier: "2" }, { itemIdentifier: "2" }] }, ["2"]],
  ["one it was not given", { batchItemFailures: [{ itemIdentifier: "3" }] }, ["1", "2"]],
  ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }, ["1", "2"]],
  ["another name for it", { batchItemFailures: [{ messageId: "1" }] }, ["1", "2"]],
  ["a list of texts", { batchItemFailures: ["1"] }, ["1", "2"]],
  ["a text", "done", ["1", "2"]],
])("a function that answers %s gives back what Lambda would", (_name, answer, givenBack) => {
  expect([...failedMessageIds(answer, [{ MessageId: "1" }, { MessageId: "2" }])]).toEqual(givenBack);
});
