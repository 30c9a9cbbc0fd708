/** The message that the indexer gets of an upload, as S3 words it for EventBridge. */
export function uploadEvent(
  bucket: string,
  key: string,
  { etag, versionId }: { readonly etag: string; readonly versionId: string | undefined },
): string {
  const version = versionId === undefined ? {} : { "version-id": versionId };
  return eventOf("Object Created", bucket, { key, size: 1, etag: etag.replaceAll('"', ""), ...version });
}

/** The message of a deletion. */
export function deletionEvent(bucket: string, key: string): string {
  return eventOf("Object Deleted", bucket, { key });
}

function eventOf(detailType: string, bucket: string, object: object): string {
  return JSON.stringify({
    version: "0",
    "detail-type": detailType,
    source: "aws.s3",
    detail: { bucket: { name: bucket }, object: { ...object, sequencer: "00617F08299329D189" } },
  });
}

/** A batch of messages, as SQS calls a function with it. */
export function batchOf(bodies: readonly string[]) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: String(index),
      receiptHandle: "receipt",
      body,
      attributes: { ApproximateReceiveCount: "1" },
    })),
  };
}
