import { checksumHeaders } from "../checksums.ts";
import { checkWrite } from "../conditions.ts";
import { bucketOf, epochSeconds, keyOf, type Operation } from "../context.ts";
import { describeObject } from "../object-headers.ts";
import { receiveBody } from "../receive-body.ts";
import { versionIdHeader } from "../version-headers.ts";

/** PutObject. Conditions are judged before the body is read, and again in the moment of the commit. */
export const putObject: Operation = async (context) => {
  const { request, store, now, announce } = context;
  const key = keyOf(context);
  const { storageClass, headers } = describeObject(request);
  const bucketBefore = bucketOf(context);
  checkWrite(request, store.versions.latest(bucketBefore, key));
  const body = await receiveBody(context, "CRC64NVME");
  const checksum = { ...body.checksum, type: "FULL_OBJECT" } as const;
  return store.commitBody(body, (contentId) => {
    const bucket = bucketOf(context);
    checkWrite(request, store.versions.latest(bucket, key));
    const versionId = store.versions.put(bucket, {
      key,
      modifiedAt: epochSeconds(now()),
      size: body.size,
      etag: body.md5,
      storageClass,
      checksum,
      contentId,
      headers,
    });
    const { size, md5: etag } = body;
    announce(bucket, { kind: "created", reason: "PutObject", key, versionId, size, etag });
    const replied = {
      etag: `"${body.md5}"`,
      ...checksumHeaders(checksum),
      ...versionIdHeader(bucket, versionId),
    };
    return { status: 200, headers: replied };
  });
};
