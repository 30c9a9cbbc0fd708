import { randomUUID } from "node:crypto";
import { accountId } from "./owner.ts";

/** What became of an object, told to whoever listens to its bucket. */
export type ObjectChange =
  | {
      readonly kind: "created";
      readonly reason: "PutObject" | "CopyObject" | "CompleteMultipartUpload";
      readonly key: string;
      readonly versionId: string;
      /** In bytes. */
      readonly size: number;
      /** Without its quotes. */
      readonly etag: string;
    }
  | { readonly kind: "marked-deleted"; readonly key: string; readonly versionId: string }
  /** `versionId`: the one that was named; none in a bucket without versions. */
  | { readonly kind: "deleted"; readonly key: string; readonly versionId: string | undefined };

/** The request that made the change, and its place in the order of all changes. */
export interface ChangeFacts {
  readonly bucket: string;
  readonly region: string;
  readonly time: Date;
  readonly requestId: string;
  readonly sourceIpAddress: string;
  /** Later changes have greater ones, compared as text. */
  readonly sequencer: string;
}

/**
 * A change as S3 tells it to Amazon EventBridge, in JSON.
 * Source: S3 user guide, "EventBridge event message structure".
 */
export function objectEvent(change: ObjectChange, facts: ChangeFacts): string {
  const { bucket, region, time, requestId, sourceIpAddress } = facts;
  return JSON.stringify({
    version: "0",
    id: randomUUID(),
    "detail-type": change.kind === "created" ? "Object Created" : "Object Deleted",
    source: "aws.s3",
    account: accountId,
    time: `${time.toISOString().slice(0, "2021-11-12T00:00:00".length)}Z`,
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: "0",
      "event-version": "1.0",
      bucket: { name: bucket },
      object: objectOf(change, facts.sequencer),
      "request-id": requestId,
      requester: accountId,
      "source-ip-address": sourceIpAddress,
      ...whyOf(change),
    },
  });
}

function objectOf(change: ObjectChange, sequencer: string) {
  const { key, versionId } = change;
  const version = versionId === undefined || versionId === "null" ? {} : { "version-id": versionId };
  switch (change.kind) {
    case "created":
      return { key, size: change.size, etag: change.etag, ...version, sequencer };
    case "marked-deleted":
      return { key, etag: md5OfNothing, ...version, sequencer };
    case "deleted":
      return { key, ...version, sequencer };
  }
}

function whyOf(change: ObjectChange) {
  if (change.kind === "created") return { reason: change.reason };
  const isMarker = change.kind === "marked-deleted";
  return {
    reason: "DeleteObject",
    "deletion-type": isMarker ? "Delete Marker Created" : "Permanently Deleted",
  };
}

/** The ETag that S3 tells of a delete marker. */
const md5OfNothing = "d41d8cd98f00b204e9800998ecf8427e";
