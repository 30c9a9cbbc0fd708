import pMap from "p-map";
import type { ObjectVersion } from "./object-version.ts";
import { type CatalogPorts, type ListedPath, recordListed } from "./record-versions.ts";

/** Paths worked on at a time. */
const concurrency = 32;

export interface ListingIndexer extends CatalogPorts {
  readonly bucket: string;
  readonly prefix: string;
  /** Goes on behind this key. */
  readonly after: string | undefined;
  /** What else is to be done with each version. */
  readonly forEach: (version: ObjectVersion) => Promise<void>;
  /** Ends it at the next object: what is under way is finished. */
  readonly signal: AbortSignal;
}

/** What was done since the last time. */
export interface IndexedPage {
  readonly objectCount: number;
  readonly versionCount: number;
  /** Versions the catalog did not know. */
  readonly newCount: number;
  /** All keys up to this one are done. */
  readonly lastKey: string;
}

/**
 * Brings all versions of all keys that begin with a prefix into the catalog, page by page. Holds one page, and all
 * versions of one key. An aborted signal ends it without an error; the page it was at is not told then.
 */
export async function* indexListing(indexer: ListingIndexer): AsyncGenerator<IndexedPage> {
  const { lister, bucket, prefix, after, signal } = indexer;
  for await (const objects of wholeObjects(lister.allVersions(bucket, prefix, after))) {
    const paths = await withFirstVersions(indexer, objects);
    const newCounts = await pMap(paths, (path) => indexPath(indexer, path), { concurrency });
    if (signal.aborted) return;
    const lastKey = paths.at(-1)?.key;
    if (lastKey === undefined) continue;
    const versionCounts = paths.map(({ listed }) => listed.length);
    yield { objectCount: paths.length, versionCount: sum(versionCounts), newCount: sum(newCounts), lastKey };
  }
}

/** The objects as paths, each with the first version the catalog knows of it: one question for many. */
async function withFirstVersions(
  { store, bucket }: ListingIndexer,
  objects: readonly (readonly ObjectVersion[])[],
): Promise<ListedPath[]> {
  const paths = objects.flatMap((listed) =>
    listed[0] === undefined ? [] : [{ key: listed[0].key, listed }],
  );
  const firsts = await store.firstVersionsOf(
    bucket,
    paths.map(({ key }) => key),
  );
  const firstByKey = new Map(firsts.map((version) => [version.key, version]));
  return paths.map((path) => ({ ...path, first: firstByKey.get(path.key) }));
}

async function indexPath(indexer: ListingIndexer, path: ListedPath): Promise<number> {
  if (indexer.signal.aborted) return 0;
  const newCount = await recordListed(indexer, indexer.bucket, path);
  for (const version of path.listed) await indexer.forEach(version);
  return newCount;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Versions by their objects. Those of one object may stand on two pages, or more: they are told with its last one. */
async function* wholeObjects(
  pages: AsyncIterable<readonly ObjectVersion[]>,
): AsyncGenerator<readonly (readonly ObjectVersion[])[]> {
  let unfinished: ObjectVersion[] = [];
  for await (const page of pages) {
    const objects: ObjectVersion[][] = [];
    for (const version of page) {
      if (unfinished[0] !== undefined && unfinished[0].key !== version.key) {
        objects.push(unfinished);
        unfinished = [];
      }
      unfinished.push(version);
    }
    yield objects;
  }
  if (unfinished.length > 0) yield [unfinished];
}
