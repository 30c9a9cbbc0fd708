import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import { objectIdOf } from "../../lambdas/catalog/object-id.ts";
import type { CatalogedVersion } from "../../lambdas/catalog/object-version.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";

const dynamodb = testDynamodb();
const s3 = testS3();
const newStore = () => createCatalogStore(dynamodb().newClient(), catalogTable);

function numbered(key: string, number: number, more: Partial<CatalogedVersion> = {}): CatalogedVersion {
  const version = { key, versionId: `v${number}`, etag: `"${number}"`, ...more };
  const id = objectIdOf("photos", version);
  const known = { bucket: "photos", sizeBytes: 5_497_558_138_880, mtimeEpochSeconds: 1_700_000_000 };
  return { ...version, ...known, id, number };
}

describe("the store", () => {
  test.each([
    ["a version id", {}],
    ["none", { versionId: undefined }],
  ])("gives back what was added, with %s", async (name, more) => {
    const store = newStore();
    const version = numbered(`given back/${name}`, 1, more);
    expect(await store.add(version)).toBe(true);
    expect(await store.versionsOf("photos", version.key)).toEqual([version]);
    const path = { bucket: "photos", key: version.key };
    expect([...(await store.pathsOfIds(new Set([version.id])))]).toEqual([[version.id, path]]);
  });

  test("gives a number once", async () => {
    const store = newStore();
    expect(await store.add(numbered("once", 1))).toBe(true);
    expect(await store.add(numbered("once", 1))).toBe(false);
    expect(await store.add(numbered("once", 1, { versionId: "another" }))).toBe(false);
    expect(await store.versionsOf("photos", "once")).toEqual([numbered("once", 1)]);
  });

  test("keeps versions in the order of their numbers, on however many pages", async () => {
    const store = newStore();
    // Ten items of some 150 KB: more than the 1 MB of one page.
    const etag = `"${"e".repeat(150_000)}"`;
    for (const number of [9, 10, 2, 100, 1, 11]) await store.add(numbered("order", number));
    for (const number of [3, 4, 5, 6, 7, 8, 12, 13]) await store.add(numbered("order", number, { etag }));
    const numbers = (await store.versionsOf("photos", "order")).map(({ number }) => number);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 100]);
  });

  test("knows nothing of paths and ids that were never added", async () => {
    const store = newStore();
    await store.add(numbered("a/b", 1));
    expect(await store.versionsOf("photos", "a")).toEqual([]);
    const unknown = ["c4ce85cb-de8c-4f2c-a670-9f8d27bf881d", "c4ce85cb-de8c-4f2c-a670-9f8d27bf881e"];
    expect(await store.pathsOfIds(new Set(unknown))).toEqual(new Map());
    expect(await store.pathsOfIds(new Set())).toEqual(new Map());
  });

  test("tells the paths of more ids than one question has room for", async () => {
    const store = newStore();
    const versions = Array.from({ length: 101 }, (_, index) => numbered(`many/${index}`, 1));
    for (const version of versions) await store.add(version);
    const paths = await store.pathsOfIds(new Set(versions.map(({ id }) => id)));
    for (const { id, key } of versions) expect(paths.get(id)).toEqual({ bucket: "photos", key });
  });

  test("takes the longest and the strangest keys", async () => {
    const store = newStore();
    for (const key of ["k".repeat(1024), "☀".repeat(341), "\u0001\n ", "id#x", "/"]) {
      expect(await store.add(numbered(key, 1))).toBe(true);
      expect(await store.versionsOf("photos", key)).toEqual([numbered(key, 1)]);
    }
  });

  test("leaves out what else is stored of a path", async () => {
    const store = newStore();
    const content = { subject: "photos/beside", item: "content#etag#x", crc32: 1 };
    const version = numbered("beside", 1);
    await store.add(version);
    await dynamodb()
      .newClient()
      .send(new PutCommand({ TableName: catalogTable, Item: content }));
    expect(await store.versionsOf("photos", "beside")).toEqual([version]);
  });
});

describe("the catalog over S3 and DynamoDB", () => {
  const newCatalog = () =>
    createCatalog({ store: newStore(), lister: createVersionLister(s3().newClient()) });

  test("many who look at once give the same numbers", async () => {
    const bucket = await s3().newBucket({ versioning: "Enabled" });
    for (const body of ["1", "22", "333", "4444"]) await s3().put(bucket, "a", body);
    const looks = Array.from({ length: 12 }, () => newCatalog().versionsOf(bucket, "a"));
    for (const versions of await Promise.all(looks)) {
      expect(versions.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ]);
    }
    const items = await dynamodb().scan(catalogTable);
    expect(items.filter(({ subject }) => subject === `${bucket}/a`)).toHaveLength(4);
  });

  test("an id leads to its version, from any catalog", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "Grüße ☀");
    const [version] = await newCatalog().versionsOf(bucket, "Grüße ☀");
    expect(version).toMatchObject({ number: 1, versionId: undefined, bucket });
    const id = version?.id ?? "";
    const grant = { tokenId: "t", bucket, prefixes: [""], requestsPerMinute: 1 };
    expect([...(await newCatalog().findByIds(grant, new Set([id])))]).toEqual([[id, version]]);
  });
});
