import type { Bucket } from "../../local/s3/bucket-table.ts";
import type { Store } from "../../local/s3/store.ts";

/** Puts small objects, and delete markers for keys that are `deleted`, into a new bucket, past the wire. */
export function fillBucket(
  store: Store,
  name: string,
  keys: Iterable<string>,
  deleted: ReadonlySet<string> = new Set(),
): void {
  store.commit(() => {
    const bucket = newVersionedBucket(store, name);
    for (const key of keys) {
      if (deleted.has(key)) store.versions.deleteLatest(bucket, key, modifiedAt);
      else putEmpty(store, bucket, key);
    }
  });
}

/** `f/000000`, `f/000001` …: in the order of their bytes. */
export function numberedKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f/${index.toString().padStart(6, "0")}`);
}

const modifiedAt = 1_700_000_000;

function newVersionedBucket(store: Store, name: string): Bucket {
  store.buckets.create(name, new Date());
  const created = store.buckets.find(name);
  if (created !== undefined) store.buckets.setVersioning(created, "Enabled");
  const bucket = store.buckets.find(name);
  if (bucket === undefined) throw new Error("The bucket was not made");
  return bucket;
}

function putEmpty(store: Store, bucket: Bucket, key: string): void {
  store.versions.put(bucket, {
    ...{ key, modifiedAt, size: 0, etag: "d41d8cd98f00b204e9800998ecf8427e", storageClass: "STANDARD" },
    checksum: { algorithm: "CRC32", type: "FULL_OBJECT", value: "AAAAAA==" },
    contentId: store.contents.add([]),
    headers: {},
  });
}
