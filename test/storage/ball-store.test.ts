import { setTimeout } from "node:timers/promises";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { entriesPerChunk } from "../../lambdas/storage/dynamodb/crc32-chunks.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { allCrc32s, ballOf, digest, freeze, realisticEntries } from "../support/manifests.ts";

const dynamodb = testDynamodb();
const newStore = () => createBallStore(dynamodb().newClient(), ballsTable);

const small = freeze(realisticEntries(10));
/** Its keys and pins are random, so that it does not fit one item whatever compresses it. */
const incompressible = freeze(
  Array.from({ length: 13_000 }, (_, index) => ({
    key: digest(index, "base64url").slice(0, 30),
    name: digest(index, "base64url").slice(0, 30),
    sizeBytes: index,
    mtimeEpochSeconds: 0,
    pin: { kind: "etag", etag: `"${digest(`pin ${index}`).slice(0, 32)}"` },
  })),
);

const itemsOf = async ({ ballId }: Ball) =>
  (await dynamodb().scan(ballsTable)).filter((item) => item.ballId === ballId);

const columnOf = (crc32s: Crc32Column) =>
  Array.from({ length: crc32s.entryCount }, (_, entry) => crc32s.get(entry));

async function stored(manifest: Manifest, crc32s: Crc32Column): Promise<Ball> {
  const ball = ballOf(manifest);
  await newStore().put(ball, manifest, crc32s);
  return ball;
}

describe("a stored ball", () => {
  test.each([
    ["small", small],
    ["of several items", incompressible],
  ])("that is %s comes back as it was, from any client", async (_name, manifest) => {
    const crc32s = allCrc32s(manifest.entryCount);
    const ball = await stored(manifest, crc32s);
    const store = newStore();
    expect(await store.get(ball.ballId)).toEqual(ball);
    expect(Buffer.compare(encodeManifest(await store.getManifest(ball)), encodeManifest(manifest))).toBe(0);
    expect(columnOf(await store.getCrc32s(ball))).toEqual(columnOf(crc32s));
  });

  test("is cut into items that DynamoDB takes", async () => {
    const ball = await stored(incompressible, new Crc32Column(13_000));
    const items = await itemsOf(ball);
    const names = items.map(({ item }) => item).sort();
    const etag = ball.etag.replaceAll('"', "");
    expect(names).toEqual([
      "ball",
      `crc32#${etag}#00000`,
      `manifest#${etag}#00000`,
      `manifest#${etag}#00001`,
    ]);
  });

  test("goes with its TTL, all of it at once, and not before its link has expired", async () => {
    const ball = await stored(small, new Crc32Column(10));
    const expiries = new Set((await itemsOf(ball)).map((item) => item.expiresAtEpochSeconds));
    expect(expiries).toEqual(new Set([ball.expiresAtEpochSeconds + 30 * 86_400]));
  });

  test("is not there under another id", async () => {
    expect(await newStore().get("e7d86f8c-f53e-4ec5-aee6-5e0408296dbe")).toBeUndefined();
  });
});

describe("a ball that can not be written", () => {
  const requestCount = 4;
  const failings = Array.from({ length: requestCount }, (_, index) => index + 1);

  test.each([
    ...failings.map((nth) => [nth, "before it is carried out"] as const),
    ...failings.map((nth) => [nth, "after it is carried out"] as const),
  ])("because request %i fails %s is not there, nor anything of it", async (nth, when) => {
    const client = dynamodb().newClient();
    let putCount = 0;
    const failNth = async <Result>(put: () => Promise<Result>): Promise<Result> => {
      putCount += 1;
      // The others are still on their way when one has failed.
      if (putCount !== nth) return await setTimeout(20).then(put);
      if (when === "after it is carried out") await put();
      throw new Error("DynamoDB fails");
    };
    client.middlewareStack.add(
      (next, context) => (args) =>
        String(context.commandName).startsWith("Put") ? failNth(() => next(args)) : next(args),
      { step: "initialize" },
    );
    const ball = ballOf(incompressible);
    const putting = createBallStore(client, ballsTable).put(ball, incompressible, new Crc32Column(13_000));
    await expect(putting).rejects.toThrow("DynamoDB fails");
    expect(putCount).toBeGreaterThanOrEqual(nth);
    expect(await newStore().get(ball.ballId)).toBeUndefined();
    expect(await itemsOf(ball)).toEqual([]);
  });
});

test("a ball that was removed can not be found, and removing it again is no failure", async () => {
  const [manifest, other] = [freeze(realisticEntries(3)), freeze(realisticEntries(4))];
  const [ball, untouched] = [ballOf(manifest), ballOf(other)];
  await newStore().put(ball, manifest, allCrc32s(3));
  await newStore().put(untouched, other, allCrc32s(4));
  await newStore().remove(ball);
  expect(await newStore().get(ball.ballId)).toBeUndefined();
  await newStore().remove(ball);
  expect(await newStore().get(untouched.ballId)).toEqual(untouched);
});

describe("a stored ball that is not what was written", () => {
  const corrupt = { code: "ball-corrupt" };

  /** `manifest#00001` as it is named in the table, with the plan it belongs to. */
  const nameOf = ({ etag }: Ball, item: string) => item.replace("#", `#${etag.replaceAll('"', "")}#`);

  async function replace(ball: Ball, item: string, change: (found: Record<string, unknown>) => object) {
    const found = (await itemsOf(ball)).find((one) => one.item === nameOf(ball, item));
    const Item = { ballId: ball.ballId, item: nameOf(ball, item), ...change({ ...found }) };
    await dynamodb()
      .newClient()
      .send(new PutCommand({ TableName: ballsTable, Item }));
  }

  const flipped = (bytes: unknown) => {
    if (!(bytes instanceof Uint8Array)) throw new TypeError("There are no bytes");
    const copy = Buffer.from(bytes);
    const middle = copy.length >> 1;
    copy.writeUInt8(copy.readUInt8(middle) ^ 0x40, middle);
    return copy;
  };

  test.each<[string, string, (found: Record<string, unknown>) => object]>([
    ["a flipped bit", "manifest#00000", (found) => ({ ...found, bytes: flipped(found.bytes) })],
    [
      "a flipped bit in its second item",
      "manifest#00001",
      (found) => ({ ...found, bytes: flipped(found.bytes) }),
    ],
    ["no bytes", "manifest#00000", (found) => ({ ...found, bytes: Buffer.of(0) })],
    ["an item without its attributes", "manifest#00001", () => ({})],
    ["fewer items than there were", "manifest#00000", (found) => ({ ...found, chunkCount: 1 })],
    ["more items than there are", "manifest#00000", (found) => ({ ...found, chunkCount: 3 })],
    ["absurdly many items", "manifest#00000", (found) => ({ ...found, chunkCount: 2 ** 40 })],
  ])("with %s is corrupt", async (_name, item, change) => {
    const ball = await stored(incompressible, new Crc32Column(13_000));
    await replace(ball, item, change);
    await expect(newStore().getManifest(ball)).rejects.toMatchObject(corrupt);
  });

  test("with the manifest of another ball is corrupt", async () => {
    const ball = await stored(small, new Crc32Column(10));
    const other = await stored(freeze(realisticEntries(11)), new Crc32Column(11));
    const found = (await itemsOf(other)).find(({ item }) => item === nameOf(other, "manifest#00000"));
    await replace(ball, "manifest#00000", () => ({
      ...found,
      item: nameOf(ball, "manifest#00000"),
      ballId: ball.ballId,
    }));
    await expect(newStore().getManifest(ball)).rejects.toMatchObject(corrupt);
  });

  test("with a head of another shape is corrupt", async () => {
    const ball = await stored(small, new Crc32Column(10));
    for (const change of [{ lengthBytes: "many" }, { fileCount: -1 }, { planNumber: 0.5 }, { unknown: 1 }]) {
      await replace(ball, "ball", (found) => ({ ...found, ...change }));
      await expect(newStore().get(ball.ballId)).rejects.toMatchObject(corrupt);
    }
  });

  test("with CRC-32s of another length is corrupt", async () => {
    const ball = await stored(small, allCrc32s(10));
    await replace(ball, "crc32#00000", (found) => ({ ...found, bytes: Buffer.alloc(13) }));
    await expect(newStore().getCrc32s(ball)).rejects.toMatchObject(corrupt);
  });

  test("without its CRC-32s only knows none", async () => {
    const ball = await stored(small, allCrc32s(10));
    const crc32s = await newStore().getCrc32s({ ...ball, ballId: "gone" });
    expect(crc32s.knownCount).toBe(0);
  });
});

describe("CRC-32s learned later", () => {
  const entryCount = 2 * entriesPerChunk + 5;
  /** It need not be the manifest of so many entries for its CRC-32s to be kept. */
  const large = async (): Promise<Ball> => {
    const ball = { ...ballOf(small), entryCount };
    await newStore().put(ball, small, new Crc32Column(entryCount));
    return ball;
  };
  const knowing = (entries: readonly number[]) => {
    const crc32s = new Crc32Column(entryCount);
    for (const entry of entries) crc32s.set(entry, entry + 1);
    return crc32s;
  };

  test("are added in every item, at its first and last entry", async () => {
    const ball = await large();
    const entries = [0, entriesPerChunk - 1, entriesPerChunk, 2 * entriesPerChunk - 1, entryCount - 1];
    await newStore().addCrc32s(ball, knowing(entries));
    const found = await newStore().getCrc32s(ball);
    expect(found.knownCount).toBe(entries.length);
    expect(entries.map((entry) => found.get(entry))).toEqual(entries.map((entry) => entry + 1));
  });

  test("by many at the same time are all kept", async () => {
    const count = 60;
    const ball = { ...ballOf(small), entryCount: count };
    await newStore().put(ball, small, new Crc32Column(count));
    const client = dynamodb().newClient();
    // As far away as DynamoDB: others write between what one reads and what it writes.
    client.middlewareStack.add((next) => (args) => setTimeout(20).then(() => next(args)), {
      step: "initialize",
    });
    const adding = Array.from({ length: count }, async (_, entry) => {
      const learned = new Crc32Column(count);
      learned.set(entry, entry + 100);
      await createBallStore(client, ballsTable).addCrc32s(ball, learned);
    });
    await Promise.all(adding);
    const found = await newStore().getCrc32s(ball);
    expect(columnOf(found)).toEqual(Array.from({ length: count }, (_, entry) => entry + 100));
  });

  test("that can not be added, because others always came first, are told of", async () => {
    const ball = await stored(small, new Crc32Column(10));
    const client = dynamodb().newClient();
    let putCount = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== "PutItemCommand" && commandName !== "PutCommand") return await next(args);
          putCount += 1;
          throw new ConditionalCheckFailedException({ message: "Another was first", $metadata: {} });
        },
      { step: "initialize" },
    );
    // Without the pauses between the attempts.
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => random.mockRestore());
    const adding = createBallStore(client, ballsTable).addCrc32s(ball, allCrc32s(10));
    await expect(adding).rejects.toThrow(/CRC-32s of entries 0 to 10 could not be kept in \d+ attempts/);
    expect(putCount).toBeGreaterThan(20);
    expect((await newStore().getCrc32s(ball)).knownCount).toBe(0);
  });

  test("do not replace what is known", async () => {
    const ball = await stored(small, allCrc32s(10));
    const other = new Crc32Column(10);
    other.set(3, 7);
    await newStore().addCrc32s(ball, other);
    expect(columnOf(await newStore().getCrc32s(ball))).toEqual(columnOf(allCrc32s(10)));
  });

  test("of entries that are all known already are not written again", async () => {
    const ball = await stored(small, allCrc32s(10));
    const client = dynamodb().newClient();
    const commands: string[] = [];
    client.middlewareStack.add(
      (next, context) => async (args) => {
        commands.push(String(context.commandName));
        return next(args);
      },
      { step: "initialize" },
    );
    await createBallStore(client, ballsTable).addCrc32s(ball, allCrc32s(10));
    expect(commands.filter((name) => name.startsWith("Put"))).toEqual([]);
  });
});

describe("what is stored of an entry with its CRC-32", () => {
  const bytesOf = (items: readonly Record<string, unknown>[]) =>
    items.reduce((sum, { bytes }) => sum + (bytes instanceof Uint8Array ? bytes.length : 0), 0);

  test.each([
    ["etag", 45],
    ["version", 75],
  ] as const)("pinned by %s is at most %i bytes on average of 20,000", async (pinned, most) => {
    const count = 20_000;
    const ball = await stored(freeze(realisticEntries(count, pinned)), allCrc32s(count));
    expect(bytesOf(await itemsOf(ball)) / count).toBeLessThanOrEqual(most);
  });
});
