import { setTimeout as delay } from "node:timers/promises";
import { BatchGetCommand, BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { z } from "zod";
import type { Pin } from "../../ball/pin.ts";
import type { ContentName, KnownContent, KnownContents } from "../../crc32/known-contents.ts";

/** Items of one BatchGetItem and of one BatchWriteItem, as many as DynamoDB takes. */
const itemsPerGet = 100;
const itemsPerWrite = 25;
/** Batches under way at a time. */
const concurrency = 16;
/** How often what DynamoDB left over of a batch is sent again. */
const batchAttempts = 8;
const firstPauseMs = 50;
const longestPauseMs = 1000;

type Item = Record<string, unknown>;

const contentItem = z.object({
  subject: z.string(),
  item: z.string(),
  crc32: z.number().int().nonnegative().max(0xffff_ffff),
  versionId: z.string().optional(),
  mtimeEpochSeconds: z.number().int().optional(),
});

/**
 * Contents in the catalog's table: items whose partition key `subject` is `<bucket>/<key>` and whose sort key `item` is
 * `content#` and the pin.
 */
export function createKnownContents(dynamoDb: DynamoDBDocumentClient, tableName: string): KnownContents {
  return {
    async find(bucket, contents, signal) {
      const names = new Map(contents.map((name) => [idOf(keysOf(bucket, name)), name]));
      const keys = [...names.values()].map((name) => keysOf(bucket, name));
      const getBatch = (batch: Item[]) => get({ dynamoDb, tableName, signal }, batch);
      const items = (await pMap(batches(keys, itemsPerGet), getBatch, { concurrency })).flat();
      return items.flatMap((item) => decode(item, names));
    },
    async keep(bucket, contents, signal) {
      // DynamoDB refuses a batch that has an item twice.
      const items = new Map(
        contents.map((content) => [idOf(keysOf(bucket, content)), encode(bucket, content)]),
      );
      const putBatch = (batch: Item[]) => put({ dynamoDb, tableName, signal }, batch);
      await pMap(batches([...items.values()], itemsPerWrite), putBatch, { concurrency });
    },
  };
}

interface Table {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly signal: AbortSignal | undefined;
}

/** The items of one batch that are there. One that was written just now may be missed: it is learned again. */
async function get({ dynamoDb, tableName, signal }: Table, batch: readonly Item[]): Promise<Item[]> {
  const found: Item[] = [];
  await untilNothingIsLeft(batch, signal, async (keys) => {
    const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys } } });
    const { Responses, UnprocessedKeys } = await dynamoDb.send(command, sendOptions(signal));
    found.push(...(Responses?.[tableName] ?? []));
    return UnprocessedKeys?.[tableName]?.Keys ?? [];
  });
  return found;
}

async function put({ dynamoDb, tableName, signal }: Table, batch: readonly Item[]): Promise<void> {
  await untilNothingIsLeft(batch, signal, async (items) => {
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: requests } });
    const { UnprocessedItems } = await dynamoDb.send(command, sendOptions(signal));
    return (UnprocessedItems?.[tableName] ?? []).flatMap(({ PutRequest }) => PutRequest?.Item ?? []);
  });
}

/** DynamoDB answers a batch that it can only do a part of with the rest: its tables are busy. */
async function untilNothingIsLeft(
  batch: readonly Item[],
  signal: AbortSignal | undefined,
  send: (items: Item[]) => Promise<Item[]>,
): Promise<void> {
  let left = [...batch];
  for (let attempt = 1; attempt <= batchAttempts; attempt += 1) {
    signal?.throwIfAborted();
    left = await send(left);
    if (left.length === 0) return;
    // Whoever finds the table busy steps out of step with the others that do.
    const pauseMs = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
    await delay(Math.random() * pauseMs, undefined, signal === undefined ? {} : { signal });
  }
  throw new Error(
    `DynamoDB left ${left.length} of ${batch.length} items of a batch undone, ${batchAttempts} times`,
  );
}

function keysOf(bucket: string, { key, pin }: ContentName) {
  return { subject: `${bucket}/${key}`, item: `content#${textOf(pin)}` };
}

function textOf(pin: Pin): string {
  return pin.kind === "version" ? `version#${pin.versionId}` : `etag#${pin.etag}`;
}

/** One text for both keys of an item: neither holds a line break that could be the other's. */
function idOf({ subject, item }: { readonly subject: string; readonly item: string }): string {
  return JSON.stringify([subject, item]);
}

function encode(bucket: string, content: KnownContent): Item {
  const { versionId, mtimeEpochSeconds } = content.version ?? {};
  return {
    ...keysOf(bucket, content),
    crc32: content.crc32,
    ...(versionId === undefined ? {} : { versionId }),
    ...(mtimeEpochSeconds === undefined ? {} : { mtimeEpochSeconds }),
  };
}

function decode(item: Item, names: ReadonlyMap<string, ContentName>): KnownContent[] {
  const { subject, item: sortKey, crc32, versionId, mtimeEpochSeconds } = contentItem.parse(item);
  const name = names.get(idOf({ subject, item: sortKey }));
  if (name === undefined) return [];
  const { key, pin } = name;
  return [
    {
      key,
      pin,
      crc32,
      ...(mtimeEpochSeconds === undefined ? {} : { version: { versionId, mtimeEpochSeconds } }),
    },
  ];
}

function batches(items: readonly Item[], count: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / count) }, (_, batch) =>
    items.slice(batch * count, (batch + 1) * count),
  );
}

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
