import { PurgeQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test, vi } from "vitest";
import { eventSender } from "../../../local/events/send-events.ts";
import { countsIn, loseQueue, testQueue } from "./test-queue.ts";

const eventsOf = (keys: readonly string[]) => keys.map((key) => JSON.stringify({ key }));
const never = new AbortController().signal;

test("an event is a message of its own, whatever characters it holds", async () => {
  const queue = await testQueue();
  const keys = ["plain", "🎈 ü\ufffe\uffff", 'quotes " and \u0001'];
  await eventSender(queue)(eventsOf(keys), never);
  const receive = new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await queue.client.send(receive);
  expect(Messages.map(({ Body = "" }) => JSON.parse(Body))).toEqual(keys.map((key) => ({ key })));
});

test("when the queue holds a thousand, the next ones wait until it does not", async () => {
  const queue = await testQueue();
  const send = eventSender(queue);
  const ten = eventsOf(Array.from({ length: 10 }, (_, index) => String(index)));
  for (let sent = 0; sent < 1000; sent += ten.length) await send(ten, never);
  expect(await countsIn(queue)).toEqual([1000, 0]);
  const asked = vi.spyOn(queue.client, "send");
  const waiting = send(ten, never);
  await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThanOrEqual(2));
  expect(await countsIn(queue)).toEqual([1000, 0]);
  await queue.client.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  await waiting;
  expect(await countsIn(queue)).toEqual([10, 0]);
});

test("whoever waits for room gives up when the signal says so", async () => {
  const queue = await testQueue();
  const send = eventSender(queue);
  const ten = eventsOf(Array.from({ length: 10 }, (_, index) => String(index)));
  for (let sent = 0; sent < 1000; sent += ten.length) await send(ten, never);
  const stop = new AbortController();
  const waiting = send(ten, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow();
});

test("a queue that does not take events is an error", async () => {
  const queue = await testQueue();
  await loseQueue(queue);
  await expect(eventSender(queue)(eventsOf(["a"]), never)).rejects.toThrow(/queue does not exist/);
});
