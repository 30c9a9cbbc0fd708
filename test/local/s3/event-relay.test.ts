import {
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { DeliverEvents } from "../../../local/s3/event-relay.ts";
import type { LocalS3 } from "../../../local/s3/server.ts";
import { clientOf, createBucket, startServer, temporaryDirectory } from "./local-server.ts";

const Bucket = "told";
const eventSchema = z.object({ detail: z.object({ object: z.object({ key: z.string() }) }) });
const keyOf = (event: string) => eventSchema.parse(JSON.parse(event)).detail.object.key;
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `key ${index}`);

async function tellingClient(server: LocalS3): Promise<S3Client> {
  await createBucket(server, Bucket);
  const client = clientOf(server);
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  await client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  return client;
}

async function putAll(client: S3Client, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
}

/** Takes nothing until it is told to give up. */
const deaf: DeliverEvents = (_events, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("uploads do not wait for whoever takes the events, nor does the end of the server", async () => {
  const server = await startServer({ deliverEvents: deaf });
  await putAll(await tellingClient(server), numbered(30));
  await server.close();
});

test("what was not taken is told after a restart, in order", async () => {
  const dataDir = temporaryDirectory();
  const before = await startServer({ dataDir, deliverEvents: deaf });
  await putAll(await tellingClient(before), numbered(25));
  await before.close();
  const told: string[] = [];
  const deliverEvents: DeliverEvents = async (events) => void told.push(...events.map(keyOf));
  const after = await startServer({ dataDir, deliverEvents });
  await putAll(clientOf(after), ["later"]);
  await vi.waitFor(() => expect(told).toEqual([...numbered(25), "later"]));
});

test("what was not taken comes again, and nothing overtakes it", async () => {
  const taken: string[] = [];
  let refusals = 0;
  const said = vi.spyOn(console, "error").mockReturnValue();
  const deliverEvents: DeliverEvents = async (events) => {
    if (refusals < 1) {
      refusals += 1;
      throw new Error("not now");
    }
    taken.push(...events.map(keyOf));
  };
  const server = await startServer({ deliverEvents });
  await putAll(await tellingClient(server), numbered(12));
  await vi.waitFor(() => expect(taken).toEqual(numbered(12)), { timeout: 5000 });
  expect(said).toHaveBeenCalledTimes(1);
  said.mockRestore();
});

test("at most ten events are handed over at once, and none while others are", async () => {
  const sizes: number[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const deliverEvents: DeliverEvents = async (events) => {
    sizes.push(events.length);
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
  };
  const server = await startServer({ deliverEvents });
  const client = await tellingClient(server);
  await Promise.all(numbered(40).map((key) => putAll(client, [key])));
  await vi.waitFor(() => expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(40));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  expect(mostUnderWay).toBe(1);
});

test("a server that nobody listens to keeps no events", async () => {
  const dataDir = temporaryDirectory();
  const before = await startServer({ dataDir });
  await putAll(await tellingClient(before), numbered(3));
  await before.close();
  const told: string[] = [];
  const deliverEvents: DeliverEvents = async (events) => void told.push(...events.map(keyOf));
  await putAll(clientOf(await startServer({ dataDir, deliverEvents })), ["heard"]);
  await vi.waitFor(() => expect(told).toEqual(["heard"]));
});
