import {
  type BucketVersioningStatus,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { type Catalog, createCatalog } from "../../lambdas/catalog/catalog.ts";
import { shownNumberOf } from "../../lambdas/catalog/number-versions.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";

// docs/versions.md, tried: what each kind of bucket does to ids and numbers.

const s3 = testS3();
const dynamodb = testDynamodb();
const key = "dir/a.txt";

/** A path in a bucket of its own; what is uploaded tells which upload it is by its length. */
class Path {
  readonly catalog: Catalog = createCatalog({
    store: createCatalogStore(dynamodb().newClient(), catalogTable),
    lister: createVersionLister(s3().newClient()),
  });
  readonly bucket: string;

  constructor(bucket: string) {
    this.bucket = bucket;
  }

  async put(Body: string): Promise<string | undefined> {
    const command = new PutObjectCommand({ Bucket: this.bucket, Key: key, Body });
    return (await s3().client.send(command)).VersionId;
  }

  /** With a delete marker, or for good where a version is named. */
  async remove(VersionId?: string): Promise<void> {
    await s3().client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key, VersionId }));
  }

  async keepVersions(Status: BucketVersioningStatus): Promise<void> {
    const command = { Bucket: this.bucket, VersioningConfiguration: { Status } };
    await s3().client.send(new PutBucketVersioningCommand(command));
  }

  /** Length and shown number of each version, in the catalog's order. */
  async numbers(): Promise<[length: number, shown: number | null][]> {
    const versions = await this.catalog.versionsOf(this.bucket, key);
    return versions.map((version) => [version.sizeBytes, shownNumberOf(version, versions)]);
  }

  async ids(): Promise<string[]> {
    return (await this.catalog.versionsOf(this.bucket, key)).map(({ id }) => id);
  }
}

test("a delete marker is no version: those below it keep their numbers, and the next upload gets the next", async () => {
  const path = new Path(await s3().newBucket({ versioning: "Enabled" }));
  await path.put("1");
  await path.put("22");
  await path.remove();
  expect(await path.numbers()).toEqual([
    [1, 1],
    [2, 2],
  ]);
  await path.put("333");
  expect(await path.numbers()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test("a path whose versions were all deleted goes on behind the last number", async () => {
  const path = new Path(await s3().newBucket({ versioning: "Enabled" }));
  const versionIds = [await path.put("1"), await path.put("22")];
  await path.numbers();
  for (const versionId of versionIds) await path.remove(versionId);
  expect(await path.numbers()).toEqual([]);
  await path.put("333");
  expect(await path.numbers()).toEqual([[3, 3]]);
});

test("a version that was gone before anybody looked is not counted", async () => {
  const path = new Path(await s3().newBucket({ versioning: "Enabled" }));
  const gone = await path.put("1");
  await path.put("22");
  await path.remove(gone);
  expect(await path.numbers()).toEqual([[2, 1]]);
});

test("without versions a path has one, which is not counted; other bytes have another id, the same the same", async () => {
  const path = new Path(await s3().newBucket());
  await path.put("1");
  const [first] = await path.ids();
  await path.put("22");
  expect(await path.numbers()).toEqual([[2, null]]);
  expect(await path.ids()).not.toContain(first);
  await path.put("1");
  expect(await path.ids()).toEqual([first]);
});

test("numbers are shown from when a bucket keeps versions", async () => {
  const path = new Path(await s3().newBucket());
  await path.put("1");
  await path.put("22");
  const [before] = await path.ids();
  await path.keepVersions("Enabled");
  expect(await path.numbers()).toEqual([[2, null]]);
  await path.put("333");
  expect(await path.numbers()).toEqual([
    [2, 1],
    [3, 2],
  ]);
  expect((await path.ids())[0]).toBe(before);
});

test("where versions are suspended each upload replaces the one without an id, and gets the next number", async () => {
  const path = new Path(await s3().newBucket({ versioning: "Enabled" }));
  await path.put("1");
  await path.numbers();
  await path.keepVersions("Suspended");
  await path.put("22");
  await path.numbers();
  await path.put("333");
  expect(await path.numbers()).toEqual([
    [1, 1],
    [3, 3],
  ]);
  await path.keepVersions("Enabled");
  await path.put("4444");
  expect(await path.numbers()).toEqual([
    [1, 1],
    [3, 3],
    [4, 4],
  ]);
});

test("the same bytes without a version id are the version they were before, in the place that S3 gives them", async () => {
  const path = new Path(await s3().newBucket());
  await path.put("1");
  const [first] = await path.ids();
  await path.keepVersions("Enabled");
  await path.put("22");
  await path.numbers();
  await path.keepVersions("Suspended");
  await path.put("1");
  expect(await path.numbers()).toEqual([
    [2, 2],
    [1, 1],
  ]);
  expect((await path.ids())[1]).toBe(first);
});
