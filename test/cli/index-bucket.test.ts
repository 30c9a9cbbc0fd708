import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createIndexCheckpoint } from "../../lambdas/storage/dynamodb/index-checkpoint.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { fillBucket, numberedKeys } from "./fill-store.ts";
import { startIndex } from "./run-index.ts";

/** Three pages of S3, mostly of delete markers, with 10, 300 and 10 objects. */
const keys = numberedKeys(3000);
const objects = [...keys.slice(0, 10), ...keys.slice(1000, 1300), ...keys.slice(2000, 2010)];
const deleted = new Set(keys.filter((key) => !objects.includes(key)));
const s3 = testS3((store) => fillBucket(store, "three-pages", keys, deleted));
const dynamodb = testDynamodb();

function environment(): Record<string, string | undefined> {
  const endpoints = { S3_ENDPOINT: s3().endpoint, DYNAMODB_ENDPOINT: dynamodb().endpoint };
  return { ...endpoints, CATALOG_TABLE: catalogTable };
}

const index = (...args: string[]) => startIndex(args, environment()).ended;
const store = () => createCatalogStore(dynamodb().newClient(), catalogTable);
const checkpointOf = (bucket: string) =>
  createIndexCheckpoint(dynamodb().newClient(), catalogTable, { bucket, prefix: "", work: "versions" });

describe("npm run index", () => {
  test("brings all versions of what begins with a prefix into the catalog", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    for (const key of ["a/1", "a/2", "a/2", "b/1", "a/ü ☀"]) await s3().put(bucket, key);
    const { exitCode, stderr } = await index("--bucket", bucket, "--prefix", "a/");
    expect(stderr).toMatch(
      new RegExp(`^${bucket}/a/: 3 objects, 4 versions, 4 new \\(\\d+ objects/s\\); done\n$`),
    );
    expect(exitCode).toBe(0);
    expect(await store().versionsOf(bucket, "a/2")).toMatchObject([{ number: 1 }, { number: 2 }]);
    expect(await store().versionsOf(bucket, "a/ü ☀")).toHaveLength(1);
    expect(await store().versionsOf(bucket, "b/1")).toEqual([]);
  });

  test("finds nothing new the second time, and takes what was uploaded since", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    await s3().putMany(bucket, ["a", "b"]);
    await index("--bucket", bucket);
    expect((await index("--bucket", bucket)).stderr).toContain("2 objects, 2 versions, 0 new");
    await s3().put(bucket, "b", "again");
    expect((await index("--bucket", bucket)).stderr).toContain("2 objects, 3 versions, 1 new");
    expect(await store().versionsOf(bucket, "b")).toMatchObject([{ number: 1 }, { number: 2, sizeBytes: 5 }]);
  });

  test("asks for CRC-32s where it is told to", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "a", "some data");
    const [pin] = [{ kind: "etag", etag: '"1e50210a0202497fb79bc38b6ade6c34"' } as const];
    const contents = createKnownContents(dynamodb().newClient(), catalogTable);
    await index("--bucket", bucket);
    expect(await contents.find(bucket, [{ key: "a", pin }])).toEqual([]);
    await index("--bucket", bucket, "--crc32");
    expect(await contents.find(bucket, [{ key: "a", pin }])).toMatchObject([{ crc32: crc32("some data") }]);
  });

  test("goes on where it was stopped, or begins anew", async () => {
    const bucket = "three-pages";
    const { child, ended } = startIndex(["--bucket", bucket], environment());
    while ((await checkpointOf(bucket).read()) === undefined) await delay(5);
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toContain("the same command goes on");
    const lastKey = (await checkpointOf(bucket).read()) ?? "";
    // The last object of a page is told with the next one: it might have more versions there.
    expect(["f/000008", "f/001298"]).toContain(lastKey);

    const rest = objects.length - objects.indexOf(lastKey) - 1;
    const wentOn = await index("--bucket", bucket);
    expect(wentOn.stderr).toContain(`goes on behind "${lastKey}"`);
    expect(wentOn.stderr).toContain(`: ${rest} objects`);
    expect(wentOn.exitCode).toBe(0);
    expect(await checkpointOf(bucket).read()).toBeUndefined();
    const indexed = (await dynamodb().scan(catalogTable)).filter(({ subject }) =>
      String(subject).startsWith(`${bucket}/`),
    );
    expect(indexed).toHaveLength(objects.length);

    await checkpointOf(bucket).write("f/002001");
    expect((await index("--bucket", bucket)).stderr).toContain(": 8 objects, 8 versions, 0 new");
    await checkpointOf(bucket).write("f/002001");
    expect((await index("--bucket", bucket, "--again")).stderr).toContain(
      ": 320 objects, 320 versions, 0 new",
    );
  }, 60_000);

  test.each([
    ["an option it does not have", ["--nonsense"], {}, /^Unknown option '--nonsense'[\s\S]*npm run index/],
    ["no bucket", [], {}, /^Which bucket\? Name it with --bucket\n$/],
    [
      "no catalog",
      ["--bucket", "a-bucket"],
      { CATALOG_TABLE: undefined },
      /^Where is the catalog\? Set CATALOG_TABLE/,
    ],
    [
      "a bucket that is not there",
      ["--bucket", "not-there"],
      {},
      /Indexing failed: The specified bucket does not exist/,
    ],
    [
      "a table that is not there",
      ["--bucket", "a"],
      { CATALOG_TABLE: "not-there" },
      /^Indexing failed: .*not found/i,
    ],
    [
      "an endpoint that is none",
      ["--bucket", "a"],
      { S3_ENDPOINT: "here" },
      /^Indexing failed: .*S3_ENDPOINT/,
    ],
    [
      "a folder without a stack",
      ["--data", "/nowhere"],
      {},
      /^\/nowhere\/local.json does not lead to a one-machine stack/,
    ],
  ])("says what is wrong with %s", async (_, args, change, message) => {
    const { exitCode, stderr } = await startIndex(args, { ...environment(), ...change }).ended;
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(1);
  });

  test("tells how it is used", async () => {
    const { exitCode, stdout } = await index("--help");
    expect(stdout).toContain("npm run index -- --bucket B");
    expect(exitCode).toBe(0);
  });
});

describe("npm run index beside a one-machine stack", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "zipball-index-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("takes all it needs from the data folder", async () => {
    const bucket = await s3().newBucket();
    await s3().putMany(bucket, ["a", "b"]);
    mkdirSync(join(folder, "data"));
    const credentials = { accessKeyId: "test", secretAccessKey: "a secret of the tests" };
    const connection = {
      s3: { endpoint: s3().endpoint, region: "eu-central-1", bucket, ...credentials },
      dynamodb: { endpoint: dynamodb().endpoint, catalogTable },
    };
    writeFileSync(join(folder, "data/local.json"), JSON.stringify(connection));
    const elsewhere = {
      AWS_ACCESS_KEY_ID: "another",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      AWS_PROFILE: "nobody",
      S3_ENDPOINT: "http://127.0.0.1:1",
    };
    const { stderr, exitCode } = await startIndex(["--data", join(folder, "data")], elsewhere).ended;
    expect(stderr).toContain(`${bucket}/: 2 objects`);
    expect(exitCode).toBe(0);
  });
});
