import { ListPartsCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { ArchiveUpload, FinishedPart } from "../../ball/archive-bucket.ts";
import { type Archives, answerOf } from "./archives.ts";
import { decodeCrc32 } from "./describe-object.ts";
import { archiveName } from "./hide-balls.ts";
import { sendOptions } from "./pinned-request.ts";

const listedPart = z
  .object({
    PartNumber: z.number().int(),
    ETag: z.string().min(1),
    Size: z.number().int(),
    ChecksumCRC32: z.string().default(""),
  })
  .transform(
    ({ PartNumber, ETag, Size, ChecksumCRC32 }): FinishedPart => ({
      number: PartNumber,
      etag: ETag,
      sizeBytes: Size,
      crc32: decodeCrc32(ChecksumCRC32),
    }),
  );

/** Parts of one page of ListParts, as many as S3 tells at a time. */
const partsPerPage = 1000;

/** Finished parts with numbers from `first` up to but not including `end`, in order. */
export async function listParts(
  archives: Archives,
  upload: ArchiveUpload,
  { first, end }: { readonly first: number; readonly end: number },
  signal: AbortSignal | undefined,
): Promise<FinishedPart[]> {
  const parts: FinishedPart[] = [];
  for (let marker = first - 1, isMore = true; isMore && marker < end - 1; ) {
    const page = await listPage(archives, upload, { marker, end }, signal);
    parts.push(...page.Parts.filter(({ number }) => number < end));
    // The SDK's paginator goes by the next marker alone, which S3 tells behind the last part, too: it never ends.
    isMore = page.IsTruncated;
    marker = page.Parts.at(-1)?.number ?? end;
  }
  return parts;
}

const pageOfParts = z.object({
  Parts: z.array(listedPart).default([]),
  IsTruncated: z.boolean().default(false),
});

async function listPage(
  archives: Archives,
  { key, uploadId }: ArchiveUpload,
  { marker, end }: { readonly marker: number; readonly end: number },
  signal: AbortSignal | undefined,
): Promise<z.output<typeof pageOfParts>> {
  const command = new ListPartsCommand({
    Bucket: archives.bucket,
    Key: key,
    UploadId: uploadId,
    PartNumberMarker: String(marker),
    MaxParts: Math.min(end - 1 - marker, partsPerPage),
  });
  const listing = archives.s3.send(command, sendOptions(signal));
  return pageOfParts.parse(
    await answerOf(archives, { action: `list the parts of ${archiveName(key)}`, signal }, listing),
  );
}
