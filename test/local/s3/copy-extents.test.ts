import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import type { Bucket } from "../../../local/s3/bucket-table.ts";
import type { Context } from "../../../local/s3/context.ts";
import { copyExtents } from "../../../local/s3/copy-extents.ts";
import { Store } from "../../../local/s3/store.ts";
import { temporaryDirectory } from "./local-server.ts";

/** What is read in several turns, in which anything may happen. */
const sourceBytes = 3 * 1024 * 1024;

interface Scene {
  readonly store: Store;
  readonly bucket: Bucket;
  readonly bodyId: string;
  /** Begins a copy, and answers the size of what was copied in the end. */
  copy(conditions?: Record<string, string>): Promise<number>;
}

async function scene(): Promise<Scene> {
  const store = new Store(temporaryDirectory());
  onTestFinished(() => store.close());
  store.buckets.create("bucket", new Date());
  const bucket = store.buckets.find("bucket");
  if (bucket === undefined) throw new Error("The bucket was not made");
  const writer = store.bodies.create();
  await writer.write(Buffer.alloc(sourceBytes, "zipball"));
  await writer.finish();
  store.commitBody({ bodyId: writer.id, size: sourceBytes, milestones: undefined }, (contentId) =>
    putSource(store, bucket, sourceBytes, contentId),
  );
  const copy = async (conditions: Record<string, string> = {}) => {
    let copiedBytes = -1;
    await copyExtents(
      contextOf(store, conditions),
      () => "SHA256",
      ({ size, contentId }) => {
        copiedBytes = size;
        const kept = {
          key: "copy",
          modifiedAt: 1,
          size,
          etag: "copied",
          storageClass: "STANDARD",
          headers: {},
        };
        store.versions.put(bucket, { ...kept, contentId, checksum });
        return { status: 200 };
      },
    );
    return copiedBytes;
  };
  return { store, bucket, bodyId: writer.id, copy };
}

const checksum = { algorithm: "CRC32", type: "FULL_OBJECT", value: "AAAAAA==" } as const;

function putSource(store: Store, bucket: Bucket, size: number, contentId: number): void {
  const described = {
    key: "source",
    modifiedAt: 1,
    etag: `of ${size}`,
    storageClass: "STANDARD",
    headers: {},
  };
  store.versions.put(bucket, { ...described, size, contentId, checksum });
}

function contextOf(store: Store, conditions: Record<string, string>): Context {
  const request = {
    ...{ method: "PUT", path: "/bucket/copy", bucket: "bucket", key: "copy" },
    ...{ parameters: [], query: new Map<string, string>() },
    headers: { "x-amz-copy-source": "bucket/source", ...conditions },
    body: () => {
      throw new Error("A copy has no body");
    },
  };
  const payload = request.body;
  return { request, store, region: "eu-west-3", now: () => new Date(), payload, announce: () => undefined };
}

test("a source that is deleted while it is copied was not there, and its body goes when it was read", async () => {
  const { store, bucket, bodyId, copy } = await scene();
  const copied = copy();
  store.commit(() => store.versions.deleteLatest(bucket, "source", 1));
  await expect(copied).rejects.toMatchObject({ code: "NoSuchKey" });
  await expect.poll(() => existsSync(store.bodies.pathOf(bodyId))).toBe(false);
});

test("a source that is replaced while it is copied is copied as what it became", async () => {
  const { store, bucket, copy } = await scene();
  const copied = copy();
  store.commit(() => putSource(store, bucket, 0, store.contents.add([])));
  expect(await copied).toBe(0);
});

test("a pinned source that is replaced while it is copied is refused", async () => {
  const { store, bucket, copy } = await scene();
  const copied = copy({ "x-amz-copy-source-if-match": `"of ${sourceBytes}"` });
  store.commit(() => putSource(store, bucket, 0, store.contents.add([])));
  await expect(copied).rejects.toMatchObject({ code: "PreconditionFailed" });
});

test("a copy keeps the body of a source that is deleted afterwards", async () => {
  const { store, bucket, bodyId, copy } = await scene();
  expect(await copy()).toBe(sourceBytes);
  store.commit(() => store.versions.deleteLatest(bucket, "source", 1));
  expect(store.contents.isReferenced(bodyId)).toBe(true);
  expect(existsSync(store.bodies.pathOf(bodyId))).toBe(true);
});
