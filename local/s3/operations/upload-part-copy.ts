import { checksumElement } from "../checksums.ts";
import { bucketOf, epochSeconds, isoTime, type Operation } from "../context.ts";
import { copiedEtag, copyExtents, copySourceHeader } from "../copy-extents.ts";
import { findUpload } from "../find-upload.ts";
import { partNumber } from "../part-number.ts";
import { xmlReply } from "../reply.ts";
import { xmlDocument } from "../xml.ts";

/** UploadPartCopy. */
export const uploadPartCopy: Operation = (context) => {
  const { request, store, now } = context;
  const number = partNumber(request);
  const { checksumAlgorithm } = findUpload(context, bucketOf(context));
  return copyExtents(
    context,
    () => checksumAlgorithm,
    (copied) => {
      // The upload may have been completed or aborted in the meantime.
      const upload = findUpload(context, bucketOf(context));
      const { source, size, contentId, checksum } = copied;
      const etag = copiedEtag(copied);
      const modifiedAt = epochSeconds(now());
      store.uploads.putPart(upload, {
        number,
        size,
        etag,
        checksumValue: checksum.value,
        modifiedAt,
        contentId,
      });
      const document = xmlDocument("CopyPartResult", {
        LastModified: isoTime(modifiedAt),
        ETag: `"${etag}"`,
        ...(upload.isChecksumChosen ? checksumElement(checksum.algorithm, checksum.value) : {}),
      });
      return xmlReply(document, copySourceHeader(source));
    },
  );
};
