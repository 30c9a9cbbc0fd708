import { HeadObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import type { Pin } from "../../lambdas/ball/pin.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { catalogTable } from "../../local/tables.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

const Key = "object.bin";
/** More than comes in one read, so that a download, too, recalls its CRC-32. */
const body = patternBytes(3_000_000, 1);

describe.each(["0", "10000"])("with %s ms for CRC-32s when a ball is made", (CRC_BUDGET_MS) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startQuietStack({ variables: { CRC_BUDGET_MS } });
    return () => stack.close();
  });
  const makeBall = () => stack.create([{ path: `/${Key}` }]);

  test.each(["Suspended", "Enabled"] as const)(
    "a wrong one that was kept breaks one download, and balls made after that are right (versioning %s)",
    async (Status) => {
      const { bucket: Bucket, s3, s3WithoutChecksums } = stack;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
      await s3WithoutChecksums.send(new PutObjectCommand({ Bucket, Key, Body: body }));
      await keepWrongCrc32(stack);
      const link = await makeBall();
      expect((await readToEnd(await openResponse(link))).isWhole).toBe(false);
      const [entry] = await entriesOf(await bytesOf(await makeBall()));
      expect(entry?.content.equals(body)).toBe(true);
      // The first one's header has gone out, and its link goes on meaning the same bytes.
      expect((await readToEnd(await openResponse(link))).isWhole).toBe(false);
      expect((await entriesOf(await bytesOf(await makeBall()))).length).toBe(1);
    },
  );
});

/** Keeps it under all that the object may be looked up by. */
async function keepWrongCrc32({ s3, bucket, dynamoDb }: TestStack): Promise<void> {
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }));
  const { ETag: etag = "", VersionId: versionId, LastModified } = head;
  const version = { versionId, mtimeEpochSeconds: Math.floor((LastModified?.getTime() ?? 0) / 1000) };
  const pins: Pin[] = [{ kind: "etag", etag }];
  if (versionId !== undefined && versionId !== "null") pins.push({ kind: "version", versionId });
  const wrong = pins.map((pin) => ({ key: Key, pin, version, crc32: 0x1234_5678 }));
  await createKnownContents(dynamoDb, catalogTable).keep(bucket, wrong);
}
