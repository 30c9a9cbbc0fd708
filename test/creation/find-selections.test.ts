import { describe, expect, test } from "vitest";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import type { ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import { findSelections } from "../../lambdas/creation/find-selections.ts";
import { MissingSources } from "../../lambdas/creation/missing-sources.ts";
import type { Selection, VersionChoice } from "../../lambdas/creation/selection.ts";
import { MemoryCatalogStore, MemoryVersions } from "../catalog/memory-catalog.ts";
import { VersionSources } from "./version-sources.ts";

const bucket = "bucket";

/** A bucket that keeps versions, a catalog of it, and whoever selects in it. */
function versionedBucket(prefixes: readonly string[] = [""]) {
  const store = new MemoryCatalogStore();
  const lister = new MemoryVersions();
  const catalog = createCatalog({ store, lister });
  const reader = new VersionSources(lister);
  const missing = new MissingSources(catalog, bucket);
  const grant = { tokenId: "test", bucket, prefixes, requestsPerMinute: 600 };
  const find = (selections: readonly Selection[]) =>
    findSelections({ reader, catalog, missing, grant, selections });
  return { store, lister, catalog, reader, find };
}

const at = "objects[0].path";
const select = (key: string, choice: VersionChoice): Selection => ({ kind: "path", key, choice, at });
const version = (key: string, number: number): Selection =>
  select(key, { kind: "version", number, at: "objects[0].version" });
const revision = (key: string, digits: string): Selection =>
  select(key, { kind: "revision", revision: digits, at: "objects[0].revision" });
const byId = (id: string): Selection => ({ kind: "id", id, override: undefined, at: "objects[0].id" });

const digitsOf = ({ etag }: ObjectVersion) => etag.slice(1, -1);

describe("many selected versions", () => {
  test.each([
    ["30,000 paths", 30_000, 1],
    ["3,000 paths, ten of each", 30_000, 10],
    ["one path", 3_000, 3_000],
  ])(
    "of %s cost one question to the catalog for each path, and one to S3 for each version",
    async (_, count, perPath) => {
      const { store, lister, catalog, reader, find } = versionedBucket();
      const numbers = Array.from({ length: count }, (_, index) => index);
      const keyOf = (index: number) => `d/${Math.floor(index / perPath)}`;
      for (const index of numbers) lister.upload(keyOf(index));
      const paths = new Set(numbers.map(keyOf));
      for (const key of paths) await catalog.versionsOf(bucket, key);
      store.reads = 0;
      lister.listings = 0;
      const found = await find(numbers.map((index) => version(keyOf(index), (index % perPath) + 1)));
      expect(found.map((one) => one.kind === "version" && one.number)).toEqual(
        numbers.map((index) => (index % perPath) + 1),
      );
      expect(store.reads).toBe(paths.size);
      expect(lister.listings).toBe(perPath === 1 ? 0 : paths.size);
      expect(reader.asked).toBe(count);
      expect(reader.mostOpenQuestions).toBeLessThanOrEqual(64);
    },
    60_000,
  );

  test("are found by revisions of any length", async () => {
    const { lister, find } = versionedBucket();
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const uploads = numbers.map((index) => {
      const digits = index.toString(16).padStart(6, "0");
      return lister.upload("a", { etag: `"${digits}${"e".repeat(26)}"` });
    });
    const selections = uploads.map((one, index) => revision("a", digitsOf(one).slice(0, 6 + (index % 27))));
    const found = await find(selections);
    expect(found.map((one) => one.kind === "version" && one.object.versionId)).toEqual(
      uploads.map(({ versionId }) => versionId),
    );
  });

  test("that are the same are one question", async () => {
    const { lister, catalog, reader, store, find } = versionedBucket();
    lister.upload("a");
    const [only] = await catalog.versionsOf(bucket, "a");
    store.reads = 0;
    const same = Array.from({ length: 1000 }, () => [version("a", 1), byId(only?.id ?? "")]);
    const found = await find(same.flat());
    expect(new Set(found.map((one) => one.kind === "version" && one.object)).size).toBe(1);
    // One for the path, one for the id.
    expect([store.reads, reader.asked]).toEqual([2, 1]);
  });
});

describe("a version that was deleted since", () => {
  test("is named, whether it is asked for alone or with others", async () => {
    const { lister, catalog, find } = versionedBucket();
    lister.upload("a");
    const second = lister.upload("a");
    lister.upload("a");
    const fourth = lister.upload("a");
    lister.upload("a");
    await catalog.versionsOf(bucket, "a");
    for (const one of [second, fourth]) lister.remove(one);
    const gone = {
      code: "version-not-found",
      at: "objects[0].version",
      message: 'Version 2 of "/a" was deleted or replaced; it has 1, 3, 5',
    };
    await expect(find([version("a", 2)])).rejects.toMatchObject(gone);
    await expect(find([version("a", 1), version("a", 2)])).rejects.toMatchObject(gone);
    await expect(find([revision("a", digitsOf(second))])).rejects.toMatchObject({
      ...{ code: "version-not-found", at: "objects[0].revision" },
    });
  });

  test("is one of many: the newest that are left are named", async () => {
    const { lister, catalog, find } = versionedBucket();
    const uploads = Array.from({ length: 60 }, () => lister.upload("a"));
    await catalog.versionsOf(bucket, "a");
    for (const [index, one] of uploads.entries()) if (index % 2 === 0) lister.remove(one);
    const left = Array.from({ length: 10 }, (_, index) => 42 + 2 * index).join(", ");
    await expect(find([version("a", 1)])).rejects.toMatchObject({
      message: `Version 1 of "/a" was deleted or replaced; it has …, ${left}`,
    });
  });
});

describe("what may not be read", () => {
  test.each<[string, Selection]>([
    ["an object", select("b/c", { kind: "newest" })],
    ["a version", version("b/c", 1)],
    ["a version of what is not there", version("b/d", 1)],
    ["a folder", { kind: "folder", prefix: "b/", at }],
    ["a folder around what may be read", { kind: "folder", prefix: "", at }],
    ["a prefix in other letters", select("A/x", { kind: "newest" })],
    ["a prefix in another form", select("e\u0301/x", { kind: "newest" })],
  ])("is refused before anything is asked: %s", async (_, selection) => {
    const { lister, store, reader, find } = versionedBucket(["a/", "\u00e9/"]);
    lister.upload("b/c");
    await expect(find([selection])).rejects.toMatchObject({ code: "forbidden", at });
    expect([store.reads, lister.listings, reader.asked]).toEqual([0, 0, 0]);
  });

  test("is as unknown as an id that was never given, and its object is not asked for", async () => {
    const { lister, catalog, reader, find } = versionedBucket(["a/"]);
    lister.upload("b/c");
    const [beyond] = await catalog.versionsOf(bucket, "b/c");
    const [elsewhere] = await catalog.versionsOf("another", "b/c");
    for (const id of [beyond?.id, elsewhere?.id, "b6233520-0ab2-465e-b698-c69c7ed53e2a"]) {
      await expect(find([byId(id ?? "")])).rejects.toMatchObject({
        code: "source-not-found",
        at: "objects[0].id",
        message: `There is no object with the id ${id}`,
      });
    }
    expect(reader.asked).toBe(0);
  });
});
