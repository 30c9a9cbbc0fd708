import pMap from "p-map";
import type { ObjectVersion } from "./object-version.ts";
import { type CatalogPorts, recordListed } from "./record-versions.ts";

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
    const newCounts = await pMap(objects, (versions) => indexObject(indexer, versions), { concurrency });
    if (signal.aborted) return;
    const lastKey = objects.at(-1)?.[0]?.key;
    if (lastKey === undefined) continue;
    yield {
      objectCount: objects.length,
      versionCount: objects.reduce((count, versions) => count + versions.length, 0),
      newCount: newCounts.reduce((count, newCount) => count + newCount, 0),
      lastKey,
    };
  }
}

async function indexObject(indexer: ListingIndexer, versions: readonly ObjectVersion[]): Promise<number> {
  const key = versions[0]?.key;
  if (key === undefined || indexer.signal.aborted) return 0;
  const newCount = await recordListed(indexer, indexer.bucket, key, versions);
  for (const version of versions) await indexer.forEach(version);
  return newCount;
}

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
