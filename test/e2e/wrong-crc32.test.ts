import { PutBucketVersioningCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { openResponse, readToEnd } from "./broken-download.ts";
import { keepWrongCrc32 } from "./keep-wrong-crc32.ts";
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
    "a wrong one that was kept breaks one download; the next, and balls made after that, are right (versioning %s)",
    async (Status) => {
      const { bucket: Bucket, s3, s3WithoutChecksums } = stack;
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
      await s3WithoutChecksums.send(new PutObjectCommand({ Bucket, Key, Body: body }));
      await keepWrongCrc32(stack, Key);
      const link = await makeBall();
      expect((await readToEnd(await openResponse(link))).isWhole).toBe(false);
      const [entry] = await entriesOf(await bytesOf(await makeBall()));
      expect(entry?.content.equals(body)).toBe(true);
      const [same] = await entriesOf(await bytesOf(link));
      expect(same?.content.equals(body)).toBe(true);
    },
  );
});
