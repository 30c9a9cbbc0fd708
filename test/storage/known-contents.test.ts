import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import type { KnownContent } from "../../lambdas/crc32/known-contents.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";

const dynamodb = testDynamodb();
const contents = (client = dynamodb().newClient()) => createKnownContents(client, catalogTable);

const ofEtag = (key: string, etag: string, crc32: number): KnownContent => ({
  key,
  pin: { kind: "etag", etag: `"${etag}"` },
  crc32,
});
const byKey = (found: readonly KnownContent[]) =>
  [...found].sort((one, other) => (one.key < other.key ? -1 : 1));

test("what was kept is found again, whatever its key, pin and version", async () => {
  const kept: KnownContent[] = [
    ofEtag("a", "e1", 0),
    { ...ofEtag("ä/日本 %+#😀", "e2-12", 0xffff_ffff), version: { versionId: "v1", mtimeEpochSeconds: 17 } },
    { ...ofEtag("c", "e3", 1), version: { versionId: undefined, mtimeEpochSeconds: 0 } },
    { key: "d", pin: { kind: "version", versionId: "e1" }, crc32: 2 },
  ];
  await contents().keep("kinds", kept);
  expect(byKey(await contents().find("kinds", kept))).toEqual(byKey(kept));
});

test("only that very key, pin and bucket is found", async () => {
  await contents().keep("one", [ofEtag("a/b", "e", 7)]);
  const others = [ofEtag("a", "e", 7), ofEtag("a/b", "f", 7), ofEtag("A/b", "e", 7)];
  expect(await contents().find("one", others)).toEqual([]);
  expect(await contents().find("one", [{ key: "a/b", pin: { kind: "version", versionId: '"e"' } }])).toEqual(
    [],
  );
  expect(await contents().find("one/a", [ofEtag("b", "f", 7)])).toEqual([]);
});

test("what is kept again takes the place of what was kept", async () => {
  const version = (versionId: string) => ({ versionId, mtimeEpochSeconds: 5 });
  await contents().keep("again", [{ ...ofEtag("a", "e", 7), version: version("v1") }]);
  await contents().keep("again", [{ ...ofEtag("a", "e", 7), version: version("v2") }]);
  expect(await contents().find("again", [ofEtag("a", "e", 7)])).toMatchObject([{ version: version("v2") }]);
});

test("what is forgotten is not found any more, and nothing else is", async () => {
  const [gone, stays] = [ofEtag("a", "e", 7), ofEtag("a", "f", 8)];
  await contents().keep("forget", [gone, stays]);
  await contents().forget("forget", [gone, gone, ofEtag("never kept", "e", 0)]);
  expect(await contents().find("forget", [gone, stays])).toEqual([stays]);
});

test("the same several times is kept and found once", async () => {
  const same = Array.from({ length: 30 }, () => ofEtag("a", "e", 7));
  await contents().keep("same", same);
  expect(await contents().find("same", same)).toEqual([ofEtag("a", "e", 7)]);
});

test.each([0, 1, 25, 26, 100, 101, 330])("%i contents are kept and found", async (count) => {
  const many = Array.from({ length: count }, (_, index) => ofEtag(`${index}`, "e", index));
  await contents().keep(`many-${count}`, many);
  const found = await contents().find(`many-${count}`, many);
  expect(found.map(({ crc32 }) => crc32).sort((one, other) => one - other)).toEqual(
    many.map(({ crc32 }) => crc32),
  );
});

describe("a busy DynamoDB", () => {
  /** A client whose answers leave all but `done` items of a batch undone. */
  function busy(done: number): { client: DynamoDBDocumentClient; batchCount: () => number } {
    const client = dynamodb().newClient();
    let batches = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        batches += 1;
        const { input } = args;
        const left = leaveUndone(input, done);
        const answer = await next(args);
        Object.assign(Object(answer.output), left);
        return answer;
      },
      { step: "initialize", priority: "high" },
    );
    return { client, batchCount: () => batches };
  }

  /** Takes all but the first `done` out of a batch, and says so as DynamoDB does. */
  function leaveUndone(input: object, done: number): object {
    const items: unknown = Object(input).RequestItems[catalogTable];
    if (Array.isArray(items)) {
      const UnprocessedItems = items.length > done ? { [catalogTable]: items.splice(done) } : {};
      return { UnprocessedItems };
    }
    const keys: unknown[] = Object(items).Keys;
    const UnprocessedKeys = keys.length > done ? { [catalogTable]: { Keys: keys.splice(done) } } : {};
    return { UnprocessedKeys };
  }

  const many = Array.from({ length: 20 }, (_, index) => ofEtag(`${index}`, "e", index));

  test("is asked again for what it left over", async () => {
    const { client, batchCount } = busy(9);
    await contents(client).keep("busy", many);
    expect(batchCount()).toBe(3);
    expect(await contents().find("busy", many)).toHaveLength(20);
    expect(await contents(client).find("busy", many)).toHaveLength(20);
    expect(batchCount()).toBe(6);
  });

  test("is left alone when the signal says so", async () => {
    const { client, batchCount } = busy(1);
    const late = new AbortController();
    const keeping = contents(client).keep("late", many, late.signal);
    setTimeout(() => late.abort(new Error("too late")), 20);
    await expect(keeping).rejects.toThrow(/aborted|too late/);
    expect(batchCount()).toBeLessThan(8);
    await expect(contents(client).find("late", many, late.signal)).rejects.toThrow("too late");
  });
});
