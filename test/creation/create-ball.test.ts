import type { S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { allSelected } from "../../lambdas/ball/errors.ts";
import { type CreationContext, createBall } from "../../lambdas/creation/create-ball.ts";
import type { Selection } from "../../lambdas/creation/selection.ts";
import { streamBall } from "../../lambdas/delivery/stream-ball.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { drain } from "../delivery/archive-of.ts";
import { creationBench, folder, path, requestFor } from "./creation-bench.ts";

const { s3, store, storedItems, contextWith } = creationBench();

async function make(
  context: CreationContext,
  bucket: string,
  selections: readonly Selection[],
): Promise<Ball> {
  return (await createBall(context, requestFor(bucket, selections))).ball;
}

async function keysOf(ball: Ball): Promise<string[]> {
  const manifest = await store().getManifest(ball);
  return Array.from({ length: manifest.entryCount }, (_, entry) => manifest.key(entry));
}

async function namesOf(ball: Ball): Promise<string[]> {
  const manifest = await store().getManifest(ball);
  return Array.from({ length: manifest.entryCount }, (_, entry) =>
    Buffer.from(manifest.nameBytes(entry)).toString(),
  );
}

/** The commands a client sends, by name. */
function watch(client: S3Client): string[] {
  const commands: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        commands.push(String(commandName));
        return next(args);
      },
    { step: "initialize" },
  );
  return commands;
}

describe("what is selected", () => {
  let bucket = "";
  beforeAll(async () => {
    bucket = await s3().newBucket();
    for (const key of [
      "dir/a.txt",
      "dir/sub/b.txt",
      "dir/sub/deep/c.txt",
      "other/d.txt",
      "top.txt",
      "dirt/e",
    ]) {
      await s3().put(bucket, key);
    }
    await s3().put(bucket, "dir/empty/", "");
  });

  test.each<[string, Selection[], string[]]>([
    ["an object", [path("dir/a.txt")], ["dir/a.txt"]],
    [
      "a folder, with all that is below it",
      [folder("dir/")],
      ["dir/a.txt", "dir/empty/", "dir/sub/b.txt", "dir/sub/deep/c.txt"],
    ],
    [
      "objects and folders, in the order they are named",
      [path("top.txt"), folder("other/"), folder("dir/sub/deep/"), path("dir/a.txt")],
      ["top.txt", "other/d.txt", "dir/sub/deep/c.txt", "dir/a.txt"],
    ],
    [
      "overlapping folders and objects, each object once",
      [
        path("dir/sub/b.txt"),
        folder("dir/sub/"),
        folder("dir/sub/"),
        path("dir/sub/b.txt"),
        folder("dir/sub/deep/"),
      ],
      ["dir/sub/b.txt", "dir/sub/deep/c.txt"],
    ],
    ["an empty folder, by its marker", [folder("dir/empty/")], ["dir/empty/"]],
  ])("can be %s", async (_name, selections, keys) => {
    const ball = await make(contextWith(), bucket, selections);
    expect(await keysOf(ball)).toEqual(keys);
    expect(ball.entryCount).toBe(keys.length);
  });

  test("becomes an archive of those bytes, as long as was promised", async () => {
    const ball = await make(contextWith(), bucket, [folder("dir/"), path("top.txt")]);
    const range = { start: 0, end: ball.lengthBytes };
    const { signal } = new AbortController();
    const { bytes, error } = await drain(streamBall({ ...contextWith(), ball, range, signal }).chunks);
    expect(error).toBeUndefined();
    expect(bytes).toHaveLength(ball.lengthBytes);
    expect(bytes.includes("body of dir/sub/deep/c.txt")).toBe(true);
    expect(await namesOf(ball)).toContain("dir/empty/");
  });

  test.each<[string, Selection, string]>([
    ["an object", path("dir/nothing", "objects[3].path"), 'There is no object "/dir/nothing"'],
    ["an object that is a folder", path("dir", "objects[3].path"), 'There is no object "/dir"'],
    ["a folder", folder("nothing/", "objects[3].path"), 'There is no folder "/nothing/"'],
    ["a folder that is an object", folder("top.txt/", "objects[3].path"), 'There is no folder "/top.txt/"'],
    [
      "a folder in a bucket that is not there",
      folder("dir/", "objects[3].path"),
      'There is no folder "/dir/"',
    ],
  ])("and is not there fails the whole: %s", async (name, missing, message) => {
    const of = name.includes("bucket") ? "no-such-bucket" : bucket;
    const before = await storedItems();
    const creating = make(contextWith(), of, [path("top.txt"), missing]);
    if (of === bucket) {
      await expect(creating).rejects.toMatchObject({
        code: "source-not-found",
        at: "objects[3].path",
        message,
      });
    } else await expect(creating).rejects.toThrow();
    expect(await storedItems()).toHaveLength(before.length);
  });

  test("names its link and its life", async () => {
    const before = Math.floor(Date.now() / 1000);
    const ball = await make(contextWith(), bucket, [folder("dir/sub/")]);
    expect(ball.ballId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ball.createdAtEpochSeconds).toBeGreaterThanOrEqual(before);
    expect(ball.expiresAtEpochSeconds).toBe(ball.createdAtEpochSeconds + 3600);
    expect(ball.fileName).toBe("sub.zip");
    expect((await make(contextWith(), bucket, [path("top.txt")])).fileName).toMatch(/^[0-9a-f-]{36}\.zip$/);
  });

  test("twice gives two balls of the same archive", async () => {
    const one = await make(contextWith(), bucket, [folder("dir/")]);
    const other = await make(contextWith(), bucket, [folder("dir/")]);
    expect(other.ballId).not.toBe(one.ballId);
    expect([other.etag, other.lengthBytes]).toEqual([one.etag, one.lengthBytes]);
  });
});

describe("limits", () => {
  let bucket = "";
  beforeAll(async () => {
    bucket = await s3().newBucket();
    await s3().putMany(bucket, ["a/1", "a/2", "a/3", "b/1", "b/2", "b/3", "b/4"]);
  });

  test.each<[number, Selection[], boolean]>([
    [4, [folder("a/")], true],
    [3, [folder("a/")], true],
    [2, [folder("a/")], false],
    [7, [folder("a/"), folder("b/")], true],
    [6, [folder("a/"), folder("b/")], false],
    [3, [folder("a/"), folder("a/"), path("a/1"), path("a/2")], true],
  ])("of %i entries let %j through: %s", async (maxEntries, selections, isAllowed) => {
    const creating = make(contextWith({ maxEntries }), bucket, selections);
    if (isAllowed) expect((await creating).entryCount).toBeLessThanOrEqual(maxEntries);
    else await expect(creating).rejects.toMatchObject({ code: "too-many-entries", at: allSelected });
  });

  test("of a streamed archive's length hold exactly, and nothing is stored beyond it", async () => {
    const selections = [folder("a/")];
    const wish = { delivery: "stream", compression: "stored" } as const;
    const { lengthBytes } = await make(contextWith(), bucket, selections);
    const create = async (streamedBytes: number) => {
      const context = contextWith({ deliveryLimits: { streamedBytes, compressedBytes: 1 } });
      return await createBall(context, requestFor(bucket, selections, { wish }));
    };
    await create(lengthBytes);
    const before = await storedItems();
    await expect(create(lengthBytes - 1)).rejects.toMatchObject({ code: "archive-too-large" });
    expect(await storedItems()).toHaveLength(before.length);
  });

  test("of one folder named a thousand times are those of one folder, listed once", async () => {
    const client = s3().newClient();
    const commands = watch(client);
    const context = contextWith({ reader: createSourceReader(client), maxEntries: 3 });
    const selections = Array.from({ length: 1000 }, (_, index) => folder("a/", `objects[${index}].folder`));
    expect((await make(context, bucket, selections)).entryCount).toBe(3);
    expect(commands.filter((name) => name === "ListObjectsV2Command")).toHaveLength(1);
  });
});

describe("a large folder", () => {
  const keys = Array.from({ length: 2500 }, (_, index) => `many/${index % 10}/${index}.txt`);
  let bucket = "";
  beforeAll(async () => {
    bucket = await s3().newBucket();
    await s3().putMany(bucket, keys);
  });

  test("of 2,500 objects takes three pages of listing, and one question an object", async () => {
    const client = s3().newClient();
    const commands = watch(client);
    const ball = await make(contextWith({ reader: createSourceReader(client) }), bucket, [folder("many/")]);
    expect(await keysOf(ball)).toEqual([...keys].sort());
    const count = (name: string) => commands.filter((command) => command === name).length;
    expect([count("ListObjectsV2Command"), count("HeadObjectCommand"), count("GetObjectCommand")]).toEqual([
      3, 2500, 0,
    ]);
    expect((await store().getCrc32s(ball)).knownCount).toBe(2500);
  });

  test("is not listed beyond the page at which it is too large", async () => {
    const client = s3().newClient();
    const commands = watch(client);
    const context = contextWith({ reader: createSourceReader(client), maxEntries: 999 });
    await expect(make(context, bucket, [folder("many/")])).rejects.toMatchObject({
      code: "too-many-entries",
    });
    expect(commands).toEqual(["ListObjectsV2Command"]);
  });

  test("is a ball all the same when there is no time for CRC-32s, and the download learns them", async () => {
    const ball = await make(contextWith({ crcBudgetMs: 0 }), bucket, [folder("many/3/")]);
    expect((await store().getCrc32s(ball)).knownCount).toBe(0);
    const range = { start: 0, end: ball.lengthBytes };
    const { signal } = new AbortController();
    const { bytes, error } = await drain(streamBall({ ...contextWith(), ball, range, signal }).chunks);
    expect(error).toBeUndefined();
    expect(bytes).toHaveLength(ball.lengthBytes);
    expect((await store().getCrc32s(ball)).knownCount).toBe(250);
  });

  test("has the same archive whether there was time for CRC-32s or not", async () => {
    const with_ = await make(contextWith(), bucket, [folder("many/4/")]);
    const without = await make(contextWith({ crcBudgetMs: 0 }), bucket, [folder("many/4/")]);
    expect(without.etag).toBe(with_.etag);
    expect(without.lengthBytes).toBe(with_.lengthBytes);
  });
});
