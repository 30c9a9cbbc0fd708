import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import type { ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { testS3 } from "../support/s3.ts";

const s3 = testS3();
const lister = () => createVersionLister(s3().client);

/** A client that counts its listings, with pages as long as the test wants them. */
function withPagesOf(count: number) {
  const client = s3().newClient();
  const asked: unknown[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      asked.push(args.input);
      return next({ ...args, input: { ...args.input, MaxKeys: count } });
    },
    { step: "initialize" },
  );
  return { lister: createVersionLister(client), asked };
}

async function collect(pages: AsyncIterable<readonly ObjectVersion[]>): Promise<ObjectVersion[]> {
  const versions: ObjectVersion[] = [];
  for await (const page of pages) versions.push(...page);
  return versions;
}

describe("the versions of one key", () => {
  test("are told newest first, with id, ETag, size and time", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    const before = Math.floor(Date.now() / 1000);
    await s3().put(bucket, "a", "one");
    await s3().put(bucket, "a", "three");
    const [newest, oldest, ...more] = await lister().versionsOf(bucket, "a");
    expect(more).toEqual([]);
    expect(newest).toMatchObject({ key: "a", sizeBytes: 5, etag: '"35d6d33467aae9a2e3dccb4b6b027878"' });
    expect(oldest).toMatchObject({ key: "a", sizeBytes: 3, etag: '"f97c5d29941bfb1b2fdab0874906ab82"' });
    expect(newest?.versionId).not.toBe(oldest?.versionId);
    expect(oldest?.mtimeEpochSeconds).toBeGreaterThanOrEqual(before);
  });

  test("are not those of keys that begin with it, which it does not page through", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, ["a", "a", "a/1", "a/2", "aa", "a ", "a!"]);
    const { lister: paged, asked } = withPagesOf(3);
    expect((await paged.versionsOf(bucket, "a")).map(({ key }) => key)).toEqual(["a", "a"]);
    expect(asked).toHaveLength(1);
  });

  test("are all told, on however many pages", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, ["a", "a", "a", "a", "a", "ab", "ab"]);
    const whole = await lister().versionsOf(bucket, "a");
    expect(whole).toHaveLength(5);
    for (const count of [1, 2, 4, 5, 6, 7]) {
      expect(await withPagesOf(count).lister.versionsOf(bucket, "a")).toEqual(whole);
    }
  });

  test("are none where only longer keys are", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, ["ab", "ac"]);
    expect(await lister().versionsOf(bucket, "a")).toEqual([]);
  });

  test("do not include delete markers", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().put(bucket, "a");
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    await s3().put(bucket, "a", "again");
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    const sizes = (await withPagesOf(1).lister.versionsOf(bucket, "a")).map(({ sizeBytes }) => sizeBytes);
    expect(sizes).toEqual([5, 9]);
  });

  test("have no version id in a bucket without versions, nor where versions are suspended", async () => {
    const plain = await s3().newBucket();
    const suspended = await s3().newBucket({ versioning: "Suspended" });
    for (const bucket of [plain, suspended]) {
      await s3().put(bucket, "a", "first");
      await s3().put(bucket, "a", "second");
      expect(await lister().versionsOf(bucket, "a")).toMatchObject([{ versionId: undefined, sizeBytes: 6 }]);
    }
  });

  test.each([
    "plain.txt",
    "with space + plus",
    "percent %41 100%",
    "Grüße aus Köln ☀ 🎈",
    "control \u0001\u0008\u001f characters",
    "line\nbreaks\r\n",
    "<xml> & \"quotes'",
    "/leading//double/",
    "a".repeat(1024),
  ])("have the very key %j", async (key) => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, [key, key]);
    const { lister: paged } = withPagesOf(1);
    expect((await paged.versionsOf(bucket, key)).map((version) => version.key)).toEqual([key, key]);
  });
});

describe("all versions of a prefix", () => {
  test("come key by key, those of a key newest first", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    for (const key of ["f/b", "f/a", "g", "f/ü +", "f/b", "f/b"]) await s3().put(bucket, key, key);
    const whole = await collect(lister().allVersions(bucket, "f/"));
    expect(whole.map(({ key }) => key)).toEqual(["f/a", "f/b", "f/b", "f/b", "f/ü +"]);
    expect(whole.slice(1, 4)).toEqual(await lister().versionsOf(bucket, "f/b"));
    for (const count of [1, 2, 3]) {
      expect(await collect(withPagesOf(count).lister.allVersions(bucket, "f/"))).toEqual(whole);
    }
  });

  test("go on behind a key, whatever versions it has", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, ["f/a", "f/b", "f/b", "f/b ", "f/c"]);
    const keys = async (after: string) =>
      (await collect(lister().allVersions(bucket, "f/", after))).map(({ key }) => key);
    expect(await keys("f/b")).toEqual(["f/b ", "f/c"]);
    expect(await keys("f/bb")).toEqual(["f/c"]);
    expect(await keys("f/c")).toEqual([]);
  });
});

test("a bucket that may not be listed: source-forbidden", async () => {
  const stranger = s3().newClient();
  stranger.config.credentials = async () => ({ accessKeyId: "test", secretAccessKey: "wrong" });
  await expect(createVersionLister(stranger).versionsOf("any", "a")).rejects.toMatchObject({
    code: "source-forbidden",
  });
});

test("a server that can not be reached: source-unreadable", async () => {
  const nobody = s3().newClient("http://127.0.0.1:1");
  await expect(collect(createVersionLister(nobody).allVersions("any", "a"))).rejects.toMatchObject({
    code: "source-unreadable",
  });
});

test("keys are asked for in an encoding that can carry them all", async () => {
  const { lister: paged, asked } = withPagesOf(1);
  await paged.versionsOf(await s3().newBucket(), "a");
  expect(asked).toEqual([expect.objectContaining({ EncodingType: "url" })]);
});
