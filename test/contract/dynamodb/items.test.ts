import { randomBytes, randomUUID } from "node:crypto";
import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { openDynamodb } from "./open-dynamodb.ts";

const dynamodb = openDynamodb();

describe("PutItem", () => {
  test("what was put is what a consistent read gets", async () => {
    const Item = {
      ...newKey(),
      text: "Grüße",
      number: 9_007_199_254_740_991,
      list: [1, "a", null],
      map: { a: true },
    };
    await put(Item);
    expect(await get(Item)).toEqual(Item);
  });

  test("bytes come back as the same bytes", async () => {
    const Item = { ...newKey(), bytes: randomBytes(100_000), none: new Uint8Array(1) };
    await put(Item);
    const found = await get(Item);
    expect(Buffer.from(bytesOf(found?.bytes)).equals(Item.bytes)).toBe(true);
  });

  test("under attribute_not_exists only the first one wins", async () => {
    const key = newKey();
    const putNew = (by: string) => put({ ...key, by }, "attribute_not_exists(ballId)");
    await putNew("first");
    await expect(putNew("second")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(await get(key)).toMatchObject({ by: "first" });
  });

  test("of many at once under attribute_not_exists exactly one wins", async () => {
    const key = newKey();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, by) => put({ ...key, by }, "attribute_not_exists(ballId)")),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test.each([
    [400 * 1024, true],
    [400 * 1024 + 1, false],
  ])("an item of %i bytes, names counted, is accepted: %s", async (length, isAccepted) => {
    const key = newKey();
    const used = Object.entries(key).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    const putting = put({ ...key, bytes: Buffer.alloc(length - used - "bytes".length) });
    if (isAccepted) await putting;
    else await expect(putting).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("GetItem", () => {
  test("an item that is not there is undefined", async () => {
    expect(await get(newKey())).toBeUndefined();
  });

  test("of a projection only the named attributes come, reserved words by alias", async () => {
    const Item = { ...newKey(), state: "ready", ttl: 1, other: "x" };
    await put(Item);
    const { Item: found } = await dynamodb.documents.send(
      new GetCommand({
        TableName: dynamodb.table,
        Key: keyOf(Item),
        ConsistentRead: true,
        ProjectionExpression: "#state, #ttl",
        ExpressionAttributeNames: { "#state": "state", "#ttl": "ttl" },
      }),
    );
    expect(found).toEqual({ state: "ready", ttl: 1 });
  });
});

describe("Query", () => {
  test("a partition's items come in the order of the sort key's bytes", async () => {
    const ballId = randomUUID();
    const items = ["chunk#00010", "chunk#00002", "ball", "chunk#00001", "Z", "é", "chunk#"];
    for (const item of items) await put({ ballId, item });
    const { Items = [] } = await query(ballId, "ballId = :ballId", {});
    expect(Items.map(({ item }) => item)).toEqual([
      ...["Z", "ball", "chunk#", "chunk#00001", "chunk#00002", "chunk#00010", "é"],
    ]);
  });

  test("begins_with and between choose a part of them, ends included", async () => {
    const ballId = randomUUID();
    for (const item of ["a", "chunk#1", "chunk#2", "chunk#3", "chunl"]) await put({ ballId, item });
    const names = async (condition: string, values: Record<string, unknown>) =>
      (await query(ballId, `ballId = :ballId AND ${condition}`, values)).Items?.map(({ item }) => item);
    expect(await names("begins_with(#item, :p)", { ":p": "chunk#" })).toEqual([
      "chunk#1",
      "chunk#2",
      "chunk#3",
    ]);
    const ends = { ":a": "chunk#2", ":b": "chunl" };
    expect(await names("#item BETWEEN :a AND :b", ends)).toEqual(["chunk#2", "chunk#3", "chunl"]);
  });

  test("a page ends at 1 MB, and its LastEvaluatedKey leads to the next one", async () => {
    const ballId = randomUUID();
    const items = ["0", "1", "2", "3", "4"];
    for (const item of items) await put({ ballId, item, bytes: randomBytes(350_000) });
    const pages: string[][] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await query(ballId, "ballId = :ballId", {}, start);
      pages.push((page.Items ?? []).map(({ item }) => String(item)));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(pages.flat()).toEqual(items);
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(3);
  });

  test("a partition without items is an empty page", async () => {
    expect(await query(randomUUID(), "ballId = :ballId", {})).toMatchObject({ Items: [], Count: 0 });
  });
});

describe("BatchWriteItem", () => {
  test("25 items are put, and deleted, at once", async () => {
    const ballId = randomUUID();
    const keys = Array.from({ length: 25 }, (_, index) => ({ ballId, item: String(index).padStart(2, "0") }));
    await batch(keys.map((Item) => ({ PutRequest: { Item } })));
    expect((await query(ballId, "ballId = :ballId", {})).Count).toBe(25);
    await batch(keys.map((Key) => ({ DeleteRequest: { Key } })));
    expect((await query(ballId, "ballId = :ballId", {})).Count).toBe(0);
  });

  test("26 are refused, and none of them is put", async () => {
    const ballId = randomUUID();
    const requests = Array.from({ length: 26 }, (_, index) => ({
      PutRequest: { Item: { ballId, item: `${index}` } },
    }));
    await expect(batch(requests)).rejects.toMatchObject({ name: "ValidationException" });
    expect((await query(ballId, "ballId = :ballId", {})).Count).toBe(0);
  });
});

describe("UpdateItem", () => {
  test("a condition on a number holds or fails, and only then is anything changed", async () => {
    const key = newKey();
    await put({ ...key, revision: 1 });
    expect(await raise(key, 1)).toMatchObject({ revision: 2 });
    await expect(raise(key, 1)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(await get(key)).toMatchObject({ revision: 2 });
  });

  test("numbers compare as numbers, not as text", async () => {
    const key = newKey();
    await put({ ...key, expiresAt: 10 });
    const update = new UpdateCommand({
      ...{ TableName: dynamodb.table, Key: key, UpdateExpression: "SET seen = :yes" },
      ConditionExpression: "expiresAt > :now",
      ExpressionAttributeValues: { ":now": 9, ":yes": true },
    });
    await dynamodb.documents.send(update);
    expect(await get(key)).toMatchObject({ seen: true });
  });

  test("adding to a counter that is not there begins at 0, and no addition is lost", async () => {
    const key = newKey();
    const add = new UpdateCommand({
      ...{ TableName: dynamodb.table, Key: key, UpdateExpression: "ADD downloads :one" },
      ExpressionAttributeValues: { ":one": 1 },
    });
    await Promise.all(Array.from({ length: 10 }, () => dynamodb.documents.send(add)));
    expect(await get(key)).toMatchObject({ downloads: 10 });
  });
});

test("DeleteItem of what is not there is no error", async () => {
  const key = newKey();
  await put(key);
  const remove = new DeleteCommand({ TableName: dynamodb.table, Key: key });
  await dynamodb.documents.send(remove);
  await dynamodb.documents.send(remove);
  expect(await get(key)).toBeUndefined();
});

test("a table that does not exist is a ResourceNotFoundException", async () => {
  const asking = dynamodb.documents.send(new GetCommand({ TableName: `no-${randomUUID()}`, Key: newKey() }));
  await expect(asking).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

type Key = { ballId: string; item: string };
type Requests = { PutRequest: { Item: Key } }[] | { DeleteRequest: { Key: Key } }[];

const newKey = (): Key => ({ ballId: randomUUID(), item: "ball" });
const keyOf = ({ ballId, item }: Key): Key => ({ ballId, item });

async function put(Item: Key & Record<string, unknown>, ConditionExpression?: string): Promise<void> {
  const condition = ConditionExpression === undefined ? {} : { ConditionExpression };
  await dynamodb.documents.send(new PutCommand({ TableName: dynamodb.table, Item, ...condition }));
}

async function get(key: Key): Promise<Record<string, unknown> | undefined> {
  const asked = new GetCommand({ TableName: dynamodb.table, Key: keyOf(key), ConsistentRead: true });
  return (await dynamodb.documents.send(asked)).Item;
}

async function query(
  ballId: string,
  KeyConditionExpression: string,
  values: Record<string, unknown>,
  start?: Record<string, unknown>,
) {
  return await dynamodb.documents.send(
    new QueryCommand({
      ...{ TableName: dynamodb.table, KeyConditionExpression, ConsistentRead: true },
      ...(KeyConditionExpression.includes("#item") && { ExpressionAttributeNames: { "#item": "item" } }),
      ...(start && { ExclusiveStartKey: start }),
      ExpressionAttributeValues: { ":ballId": ballId, ...values },
    }),
  );
}

async function batch(requests: Requests): Promise<void> {
  const answer = await dynamodb.documents.send(
    new BatchWriteCommand({ RequestItems: { [dynamodb.table]: requests } }),
  );
  expect(answer.UnprocessedItems ?? {}).toEqual({});
}

async function raise(Key: Key, revision: number): Promise<Record<string, unknown> | undefined> {
  const update = new UpdateCommand({
    ...{ TableName: dynamodb.table, Key, UpdateExpression: "SET revision = :next" },
    ConditionExpression: "revision = :revision",
    ExpressionAttributeValues: { ":revision": revision, ":next": revision + 1 },
    ReturnValues: "ALL_NEW",
  });
  return (await dynamodb.documents.send(update)).Attributes;
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error("A binary attribute comes back as bytes");
  return value;
}
