import { z } from "zod";
import type { ObjectUpload } from "../catalog/index-upload.ts";

const event = z.object({ source: z.string(), "detail-type": z.string(), detail: z.unknown() });

const createdDetail = z.object({
  bucket: z.object({ name: z.string().min(1) }),
  object: z.object({
    /** As it is: other than in S3's own notifications it is not URL-encoded. */
    key: z.string().min(1),
    /** Without quotation marks. */
    etag: z.string().min(1),
    "version-id": z.string().optional(),
  }),
});

/**
 * The upload that a message tells of, as S3 sends it through EventBridge; undefined for any other event. Deletions tell
 * nothing that the catalog does not know: what it knows of a version stays.
 * Throws: SyntaxError or ZodError for what is no such event.
 * Source: S3 user guide, "EventBridge event message structure".
 */
export function parseObjectEvent(body: string): ObjectUpload | undefined {
  const { source, "detail-type": detailType, detail } = event.parse(JSON.parse(body));
  if (source !== "aws.s3" || detailType !== "Object Created") return undefined;
  const { bucket, object } = createdDetail.parse(detail);
  const versionId = object["version-id"];
  return {
    bucket: bucket.name,
    key: object.key,
    etag: `"${object.etag}"`,
    versionId: versionId === "null" ? undefined : versionId,
  };
}
