import { expect, test } from "vitest";
import { type IndexedPage, indexListing } from "../../lambdas/catalog/index-listing.ts";
import type { ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import { MemoryCatalogStore, MemoryVersions } from "./memory-catalog.ts";

/** A bucket of keys with so many versions each, and all that indexing it needs. */
function newIndexer(versionCounts: Readonly<Record<string, number>>) {
  const store = new MemoryCatalogStore();
  const lister = new MemoryVersions();
  for (const [key, count] of Object.entries(versionCounts)) {
    for (let nth = 0; nth < count; nth += 1) lister.upload(key);
  }
  const stop = new AbortController();
  const indexer = {
    ...{ store, lister, bucket: "b", prefix: "", after: undefined, signal: stop.signal },
    forEach: async (_version: ObjectVersion) => undefined,
  };
  return { store, lister, stop, indexer };
}

async function collect(pages: AsyncIterable<IndexedPage>): Promise<IndexedPage[]> {
  const collected: IndexedPage[] = [];
  for await (const page of pages) collected.push(page);
  return collected;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const counts = { "a/1": 1, "a/2": 5, "a/3": 1, "b/1": 3, "b/2": 1 };

test.each([1, 2, 3, 4, 7, 11, 1000])(
  "with %i versions on a page, each object is numbered as a whole",
  async (length) => {
    const { store, lister, indexer } = newIndexer(counts);
    lister.pageLength = length;
    const pages = await collect(indexListing(indexer));
    for (const [key, count] of Object.entries(counts)) {
      const uploads = lister.listed(key).toReversed();
      const known = store.known("b", key);
      expect(known.map(({ versionId, number }) => [versionId, number])).toEqual(
        uploads.map(({ versionId }, index) => [versionId, index + 1]),
      );
      expect(known).toHaveLength(count);
    }
    expect(sum(pages.map(({ objectCount }) => objectCount))).toBe(5);
    expect(sum(pages.map(({ versionCount }) => versionCount))).toBe(11);
    expect(sum(pages.map(({ newCount }) => newCount))).toBe(11);
    expect(pages.at(-1)?.lastKey).toBe("b/2");
  },
);

test("paths the catalog does not know are added without a look at it, or another at S3", async () => {
  const { store, lister, indexer } = newIndexer(counts);
  await collect(indexListing(indexer));
  expect([store.reads, lister.listings]).toEqual([0, 0]);
});

test("paths of one version that it knows are not looked up", async () => {
  const { store, lister, indexer } = newIndexer({ a: 1, b: 1 });
  await collect(indexListing(indexer));
  await collect(indexListing(indexer));
  expect([store.reads, lister.listings]).toEqual([0, 0]);
});

test("other paths it knows are looked up, and S3 is asked only where one has versions that are new", async () => {
  const { store, lister, indexer } = newIndexer(counts);
  await collect(indexListing(indexer));
  lister.upload("b/1");
  const pages = await collect(indexListing(indexer));
  expect(sum(pages.map(({ versionCount }) => versionCount))).toBe(12);
  expect(sum(pages.map(({ newCount }) => newCount))).toBe(1);
  expect(lister.listings).toBe(1);
  expect(store.known("b", "b/1").map(({ number }) => number)).toEqual([1, 2, 3, 4]);
});

test("only what begins with the prefix, and behind the key where it was stopped, is indexed", async () => {
  const { store, indexer } = newIndexer(counts);
  await collect(indexListing({ ...indexer, prefix: "a/", after: "a/1" }));
  expect([...store.versions.keys()]).toEqual(["b/a/2", "b/a/3"]);
});

test("a page is told when all of it is done, so that one can go on behind it", async () => {
  const { store, lister, stop, indexer } = newIndexer(counts);
  lister.pageLength = 3;
  const told: string[] = [];
  for await (const { lastKey } of indexListing(indexer)) {
    told.push(lastKey);
    if (lastKey === "a/3") stop.abort();
  }
  expect(told).toEqual(["a/1", "a/3"]);
  expect(store.known("b", "a/3")).toHaveLength(1);
  expect(store.known("b", "b/1")).toEqual([]);
  await collect(indexListing({ ...indexer, after: "a/3", signal: new AbortController().signal }));
  for (const [key, count] of Object.entries(counts)) expect(store.known("b", key)).toHaveLength(count);
});

test("an empty bucket is done at once", async () => {
  expect(await collect(indexListing(newIndexer({}).indexer))).toEqual([]);
});
