import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import type { ObjectVersion } from "../../catalog/object-version.ts";
import type { VersionLister } from "../../catalog/ports.ts";
import { decodeListedKey } from "./describe-object.ts";
import { failureOf, quoted } from "./failures.ts";

/** Lists object versions through the AWS SDK. */
export function createVersionLister(s3: S3Client): VersionLister {
  return {
    versionsOf: (bucket, key) => versionsOf(s3, bucket, key),
    allVersions: (bucket, prefix, after) => allVersions(s3, bucket, prefix, after),
  };
}

async function versionsOf(s3: S3Client, bucket: string, key: string): Promise<ObjectVersion[]> {
  const versions: ObjectVersion[] = [];
  for await (const page of pagesOf(s3, { Bucket: bucket, Prefix: key })) {
    versions.push(...page.versions.filter((version) => version.key === key));
    // The key itself comes first of all that begin with it.
    if (page.lastKey !== key) break;
  }
  return versions;
}

async function* allVersions(
  s3: S3Client,
  bucket: string,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<readonly ObjectVersion[]> {
  const from = after === undefined ? {} : { KeyMarker: after };
  for await (const { versions } of pagesOf(s3, { Bucket: bucket, Prefix: prefix, ...from })) yield versions;
}

interface Page {
  readonly versions: readonly ObjectVersion[];
  /** Key of the page's last version or delete marker, when another page follows. */
  readonly lastKey: string | undefined;
}

interface PageInput {
  readonly Bucket: string;
  readonly Prefix: string;
  readonly KeyMarker?: string;
}

/** Pages of at most 1,000 versions and delete markers. The SDK has no paginator for them. */
async function* pagesOf(s3: S3Client, input: PageInput): AsyncGenerator<Page> {
  // Keys may hold characters that XML can not carry.
  let next: ListObjectVersionsCommandInput | undefined = { ...input, EncodingType: "url" };
  while (next !== undefined) {
    const answer: ListObjectVersionsCommandOutput = await listPage(s3, next);
    const marker = markerOf(answer);
    yield { versions: (answer.Versions ?? []).map(versionOf), lastKey: marker?.KeyMarker };
    next = marker === undefined ? undefined : { ...next, ...marker };
  }
}

async function listPage(
  s3: S3Client,
  input: ListObjectVersionsCommandInput,
): Promise<ListObjectVersionsCommandOutput> {
  try {
    return await s3.send(new ListObjectVersionsCommand(input));
  } catch (error) {
    throw failureOf(error, `list the versions of ${quoted(input.Prefix ?? "")}`, input.Bucket ?? "");
  }
}

const nextMarkers = z.object({ NextKeyMarker: z.string(), NextVersionIdMarker: z.string() });

function markerOf(answer: ListObjectVersionsCommandOutput) {
  if (answer.IsTruncated !== true) return undefined;
  const { NextKeyMarker, NextVersionIdMarker } = nextMarkers.parse(answer);
  return { KeyMarker: decodeListedKey(NextKeyMarker), VersionIdMarker: NextVersionIdMarker };
}

/** What AWS documents as always there of a listed version; made once, as making it takes longer than parsing a page. */
const listedVersion = z.object({
  Key: z.string(),
  VersionId: z.string(),
  ETag: z.string().min(1),
  Size: z.number().int().nonnegative(),
  LastModified: z.date(),
});

function versionOf(listed: unknown): ObjectVersion {
  const { Key, VersionId, ETag, Size, LastModified } = listedVersion.parse(listed);
  return {
    key: decodeListedKey(Key),
    versionId: VersionId === "null" ? undefined : VersionId,
    etag: ETag,
    sizeBytes: Size,
    mtimeEpochSeconds: Math.floor(LastModified.getTime() / 1000),
  };
}
