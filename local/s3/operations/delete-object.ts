import { hash } from "node:crypto";
import { z } from "zod";
import type { Bucket } from "../bucket-table.ts";
import { checkDeclared, declaredChecksum, newDigester } from "../checksums.ts";
import { checkMd5, declaredMd5 } from "../content-md5.ts";
import { bucketOf, type Context, epochSeconds, keyOf, type Operation } from "../context.ts";
import { notImplemented, S3Error } from "../errors.ts";
import { requestedVersionId } from "../find-version.ts";
import { readDocument } from "../payload.ts";
import { xmlReply } from "../reply.ts";
import { versionIdHeader } from "../version-headers.ts";
import { malformedXml, parseXml, type XmlElements, xmlDocument } from "../xml.ts";

/** What a deletion did: which version is gone, or which delete marker has come. */
interface Deletion {
  readonly versionId: string | undefined;
  /** A delete marker was made, or one was deleted. */
  readonly isMarker: boolean;
}

/** DeleteObject: also of what is not there. */
export const deleteObject: Operation = (context) => {
  const { request, store } = context;
  // A conditional deletion that is not judged would be worse than none.
  if (request.headers["if-match"] !== undefined) throw notImplemented("If-Match");
  const bucket = bucketOf(context);
  const versionId = requestedVersionId(context);
  const deletion = store.commit(() => deleteOne(context, bucket, { key: keyOf(context), versionId }));
  return {
    status: 204,
    headers: {
      ...(deletion.isMarker ? { "x-amz-delete-marker": "true" } : {}),
      ...(deletion.versionId === undefined ? {} : versionIdHeader(bucket, deletion.versionId)),
    },
  };
};

const mostDocumentBytes = 4 * 1024 * 1024;
const mostObjects = 1000;

const deleteDocument = z.object({
  Object: z.array(
    z.object({
      Key: z.string().min(1),
      VersionId: z.string().optional(),
      ETag: z.never().optional(),
      LastModifiedTime: z.never().optional(),
      Size: z.never().optional(),
    }),
  ),
  Quiet: z.string().optional(),
});

/** DeleteObjects: up to 1,000, in one transaction. */
export const deleteObjects: Operation = async (context) => {
  const document = await readChecked(context);
  const parsed = deleteDocument.safeParse(parseXml(document.toString(), "Delete"));
  if (!parsed.success || parsed.data.Object.length > mostObjects) throw malformedXml();
  const bucket = bucketOf(context);
  const { Object: objects, Quiet } = parsed.data;
  const deleted = context.store.commit(() =>
    objects.map(({ Key: key, VersionId: versionId }) => {
      return deletedElements({ key, versionId }, deleteOne(context, bucket, { key, versionId }));
    }),
  );
  return xmlReply(xmlDocument("DeleteResult", { Deleted: Quiet === "true" ? [] : deleted }));
};

function deleteOne(
  { store, now, announce }: Context,
  bucket: Bucket,
  { key, versionId }: { key: string; versionId: string | undefined },
): Deletion {
  if (versionId === undefined) {
    const isThere = store.versions.latest(bucket, key) !== undefined;
    const marker = store.versions.deleteLatest(bucket, key, epochSeconds(now()));
    if (marker !== undefined) announce(bucket, { kind: "marked-deleted", key, versionId: marker.versionId });
    else if (isThere) announce(bucket, { kind: "deleted", key, versionId: undefined });
    return { versionId: marker?.versionId, isMarker: marker !== undefined };
  }
  const version = store.versions.deleteVersion(bucket, key, versionId);
  if (version !== undefined) announce(bucket, { kind: "deleted", key, versionId });
  return { versionId, isMarker: version?.kind === "delete-marker" };
}

function deletedElements(
  { key, versionId }: { key: string; versionId: string | undefined },
  { versionId: markerId, isMarker }: Deletion,
): XmlElements {
  return {
    Key: key,
    VersionId: versionId,
    DeleteMarker: isMarker ? true : undefined,
    DeleteMarkerVersionId: isMarker ? markerId : undefined,
  };
}

/** The document, which S3 takes only with a digest: a list of deletions damaged on its way would delete the wrong. */
async function readChecked(context: Context): Promise<Buffer> {
  const { request } = context;
  const contentMd5 = declaredMd5(request);
  const declared = declaredChecksum(request);
  if (contentMd5 === undefined && declared === undefined) {
    const message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
    throw new S3Error("InvalidRequest", message);
  }
  const payload = context.payload();
  const document = await readDocument(payload, mostDocumentBytes);
  if (contentMd5 !== undefined) checkMd5(contentMd5, hash("md5", document, "buffer"));
  if (declared !== undefined) {
    const digester = newDigester(declared.algorithm);
    digester.update(document);
    checkDeclared(declared, payload.trailers, digester.digest().toString("base64"));
  }
  return document;
}
