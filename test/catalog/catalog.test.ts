import { expect, test } from "vitest";
import type { Grant } from "../../lambdas/ball/grant.ts";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import { shownNumberOf } from "../../lambdas/catalog/number-versions.ts";
import { objectIdOf } from "../../lambdas/catalog/object-id.ts";
import { MemoryCatalogStore, MemoryVersions } from "./memory-catalog.ts";

const key = "dir/a.txt";
const grant = { tokenId: "t", bucket: "b", prefixes: ["dir/"], requestsPerMinute: 1 };

function newCatalog() {
  const store = new MemoryCatalogStore();
  const s3 = new MemoryVersions();
  const catalog = createCatalog({ store, lister: s3 });
  const findById = async (id: string, by: Grant = grant) =>
    (await catalog.findByIds(by, new Set([id]))).get(id);
  const numbers = async () => (await catalog.versionsOf("b", key)).map(({ number }) => number);
  return { store, s3, catalog, findById, numbers };
}

test("uploads that nobody looked at are numbered in their order when somebody does", async () => {
  const { s3, catalog } = newCatalog();
  const uploads = [s3.upload(key), s3.upload(key), s3.upload(key)];
  const versions = await catalog.versionsOf("b", key);
  expect(versions).toEqual(
    uploads.map((version, index) => ({
      ...version,
      bucket: "b",
      id: objectIdOf("b", version),
      number: index + 1,
    })),
  );
});

test("a path that was never there has no versions", async () => {
  expect(await newCatalog().numbers()).toEqual([]);
});

test("a deleted version keeps its number, and is not listed", async () => {
  const { s3, catalog, numbers } = newCatalog();
  const first = s3.upload(key);
  s3.upload(key);
  expect(await numbers()).toEqual([1, 2]);
  s3.remove(first);
  s3.upload(key);
  expect(await numbers()).toEqual([2, 3]);
  expect(await catalog.findVersion("b", key, { kind: "version", number: 1 })).toMatchObject(first);
});

test("the number of the newest is not given again when it is deleted", async () => {
  const { s3, numbers } = newCatalog();
  s3.upload(key);
  const newest = s3.upload(key);
  await numbers();
  s3.remove(newest);
  s3.upload(key);
  expect(await numbers()).toEqual([1, 3]);
});

test("without version ids, an upload of other bytes is another version and the one before is gone", async () => {
  const { s3, numbers } = newCatalog();
  s3.upload(key, { etag: '"a"', keepsVersion: false });
  expect(await numbers()).toEqual([1]);
  s3.upload(key, { etag: '"b"', keepsVersion: false });
  expect(await numbers()).toEqual([2]);
});

test("without version ids, the same bytes again are the same version, with their new time", async () => {
  const { s3, catalog } = newCatalog();
  s3.upload(key, { etag: '"a"', keepsVersion: false });
  const [before] = await catalog.versionsOf("b", key);
  const again = s3.upload(key, { etag: '"a"', keepsVersion: false });
  const [after] = await catalog.versionsOf("b", key);
  expect(after).toEqual({ ...before, ...again });
});

test("what the catalog knows is found without asking S3", async () => {
  const { s3, catalog, findById, numbers } = newCatalog();
  const version = s3.upload(key);
  await numbers();
  const { listings } = s3;
  expect(await catalog.findVersion("b", key, { kind: "version", number: 1 })).toMatchObject(version);
  expect(await findById(objectIdOf("b", version))).toMatchObject(version);
  expect(s3.listings).toBe(listings);
});

test("what it does not know yet is found by asking S3", async () => {
  const { s3, catalog } = newCatalog();
  const version = s3.upload(key, { etag: '"abcdef0123"' });
  expect(await catalog.findVersion("b", key, { kind: "revision", revision: "abcdef" })).toMatchObject(
    version,
  );
  const second = s3.upload(key);
  expect(await catalog.findVersion("b", key, { kind: "version", number: 2 })).toMatchObject(second);
});

test.each([
  [{ kind: "version", number: 2 } as const, '"/dir/a.txt" has no version 2'],
  [{ kind: "revision", revision: "ffffff" } as const, '"/dir/a.txt" has no revision "ffffff"'],
])("%o that is not there: version-not-found", async (named, message) => {
  const { s3, catalog } = newCatalog();
  s3.upload(key);
  await expect(catalog.findVersion("b", key, named)).rejects.toMatchObject({
    code: "version-not-found",
    message,
  });
});

test("a revision that two versions begin with is ambiguous, and they are named", async () => {
  const { s3, catalog } = newCatalog();
  for (const etag of ['"abcdef01"', '"fedcba"', '"abcdef02"']) s3.upload(key, { etag });
  await expect(catalog.findVersion("b", key, { kind: "revision", revision: "abcdef" })).rejects.toMatchObject(
    {
      code: "revision-ambiguous",
      message: expect.stringContaining('versions 1, 3 begin with revision "abcdef"'),
    },
  );
  const longer = { kind: "revision", revision: "abcdef02" } as const;
  expect(await catalog.findVersion("b", key, longer)).toMatchObject({ number: 3 });
});

test("a deleted version makes no revision ambiguous", async () => {
  const { s3, catalog, numbers } = newCatalog();
  const first = s3.upload(key, { etag: '"abcdef01"' });
  s3.upload(key, { etag: '"abcdef02"' });
  await numbers();
  s3.remove(first);
  const named = { kind: "revision", revision: "abcdef" } as const;
  expect(await catalog.findVersion("b", key, named)).toMatchObject({ number: 2 });
});

test("a revision means what S3 has, whatever the catalog has heard of it", async () => {
  const { s3, catalog, numbers } = newCatalog();
  const named = { kind: "revision", revision: "abcdef" } as const;
  const first = s3.upload(key, { etag: '"abcdef01"' });
  await numbers();
  s3.remove(first);
  expect(await catalog.findVersion("b", key, named)).toMatchObject({ number: 1 });
  s3.upload(key, { etag: '"abcdef01"' });
  expect(await catalog.findVersion("b", key, named)).toMatchObject({ number: 2 });
  s3.upload(key, { etag: '"abcdef02"' });
  await expect(catalog.findVersion("b", key, named)).rejects.toMatchObject({ code: "revision-ambiguous" });
});

test("an id that was never given belongs to nothing", async () => {
  expect(await newCatalog().findById("6d1a2db8-4e8a-4f5b-9d7b-2f0c7f0b6c53")).toBeUndefined();
});

test("an id that the grant does not cover belongs to nothing, and is not looked at", async () => {
  const { store, s3, findById, numbers } = newCatalog();
  const version = s3.upload(key);
  await numbers();
  const { reads } = store;
  const id = objectIdOf("b", version);
  expect(await findById(id, { ...grant, bucket: "other" })).toBeUndefined();
  expect(await findById(id, { ...grant, prefixes: ["dir/b"] })).toBeUndefined();
  expect(store.reads).toBe(reads);
  expect(await findById(id)).toMatchObject({ number: 1 });
});

test("many ids of one path are found by one look at it", async () => {
  const { store, s3, catalog, numbers } = newCatalog();
  const ids = Array.from({ length: 100 }, () => objectIdOf("b", s3.upload(key)));
  await numbers();
  const { reads } = store;
  expect([...(await catalog.findByIds(grant, new Set(ids))).keys()]).toEqual(ids);
  expect(store.reads).toBe(reads + 1);
});

test("an id whose giver stopped before the number was given is found", async () => {
  const { s3, store, catalog, findById } = newCatalog();
  const version = s3.upload(key);
  store.pause = async (step) => {
    if (step === "add") throw new Error("The process ends here");
  };
  await expect(catalog.versionsOf("b", key)).rejects.toThrow("ends here");
  store.pause = async () => undefined;
  expect(await findById(objectIdOf("b", version))).toMatchObject({ number: 1 });
});

test("numbers are shown where a version of the path has an id of its own", () => {
  const [own, none] = [{ versionId: "v1" }, { versionId: undefined }];
  expect(shownNumberOf({ number: 7 }, [none])).toBeNull();
  expect(shownNumberOf({ number: 7 }, [none, own])).toBe(7);
  expect(shownNumberOf({ number: 7 }, [own])).toBe(7);
});
