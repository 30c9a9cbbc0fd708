import { setTimeout as delay } from "node:timers/promises";
import {
  BatchGetCommand,
  BatchWriteCommand,
  type BatchWriteCommandOutput,
  type DynamoDBDocumentClient,
} from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";

/** Items of one BatchGetItem and of one BatchWriteItem, as many as DynamoDB takes. */
const itemsPerGet = 100;
const itemsPerWrite = 25;
/** Batches under way at a time. */
const concurrency = 16;
/** How often what DynamoDB left over of a batch is sent again. */
const batchAttempts = 8;
const firstPauseMs = 50;
const longestPauseMs = 1000;

export type Item = Record<string, unknown>;

/** One table, and what ends the work on it. */
export interface Table {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly signal: AbortSignal | undefined;
  /** Whether what was written just now is read too, at twice the price; otherwise it may be missed. */
  readonly isReadConsistently?: boolean;
}

/** The items that are there of those with these keys, in any order; no key may be named twice. */
export async function getItems(table: Table, keys: readonly Item[]): Promise<Item[]> {
  const found = await pMap(batches(keys, itemsPerGet), (batch) => getBatch(table, batch), { concurrency });
  return found.flat();
}

/** Writes items, each in place of the one that has its keys; none may be there twice. */
export async function putItems(table: Table, items: readonly Item[]): Promise<void> {
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  await pMap(batches(requests, itemsPerWrite), (batch) => writeBatch(table, batch), { concurrency });
}

/** Deletes the items with these keys, where they are there; none may be named twice. */
export async function deleteItems(table: Table, keys: readonly Item[]): Promise<void> {
  const requests = keys.map((Key) => ({ DeleteRequest: { Key } }));
  await pMap(batches(requests, itemsPerWrite), (batch) => writeBatch(table, batch), { concurrency });
}

async function getBatch(table: Table, batch: readonly Item[]): Promise<Item[]> {
  const { dynamoDb, tableName, signal, isReadConsistently: ConsistentRead } = table;
  const found: Item[] = [];
  await untilNothingIsLeft(batch, signal, async (keys) => {
    const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead } } });
    const { Responses, UnprocessedKeys } = await dynamoDb.send(command, sendOptions(signal));
    found.push(...(Responses?.[tableName] ?? []));
    return UnprocessedKeys?.[tableName]?.Keys ?? [];
  });
  return found;
}

type WriteRequest = NonNullable<BatchWriteCommandOutput["UnprocessedItems"]>[string][number];

async function writeBatch(
  { dynamoDb, tableName, signal }: Table,
  batch: readonly WriteRequest[],
): Promise<void> {
  await untilNothingIsLeft(batch, signal, async (requests) => {
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: requests } });
    const { UnprocessedItems } = await dynamoDb.send(command, sendOptions(signal));
    return UnprocessedItems?.[tableName] ?? [];
  });
}

/** DynamoDB answers a batch that it can only do a part of with the rest: its tables are busy. */
async function untilNothingIsLeft<Asked>(
  batch: readonly Asked[],
  signal: AbortSignal | undefined,
  send: (asked: Asked[]) => Promise<Asked[]>,
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

function batches<One>(items: readonly One[], count: number): One[][] {
  return Array.from({ length: Math.ceil(items.length / count) }, (_, batch) =>
    items.slice(batch * count, (batch + 1) * count),
  );
}

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
