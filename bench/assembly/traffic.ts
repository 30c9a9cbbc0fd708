import { z } from "zod";

/** What an S3 was asked, as it counted. */
export const trafficSchema = z.object({
  /** GetObject. */
  get: z.number(),
  /** HeadObject and GetObjectAttributes, which cost what a GET costs. */
  head: z.number(),
  /** PutObject and UploadPart. */
  put: z.number(),
  /** UploadPartCopy and CopyObject. */
  copy: z.number(),
  /** What else costs as a PUT does: beginning and completing uploads, listings. */
  other: z.number(),
  /** Deleting and aborting, which cost nothing. */
  free: z.number(),
  /** Bodies that GetObject answered. */
  readBytes: z.number(),
  /** Bodies of PutObject and UploadPart. */
  uploadedBytes: z.number(),
});
export type Traffic = z.output<typeof trafficSchema>;
type RequestKind = Exclude<keyof Traffic, "readBytes" | "uploadedBytes">;

export const noTraffic: Traffic = {
  get: 0,
  head: 0,
  put: 0,
  copy: 0,
  other: 0,
  free: 0,
  readBytes: 0,
  uploadedBytes: 0,
};

interface AskedRequest {
  readonly method: string;
  /** Path and query, the bucket in the path. */
  readonly target: string;
  readonly isCopy: boolean;
}

/** What a request counts as. Source: aws.amazon.com/s3/pricing, "Requests & data retrievals". */
export function kindOf({ method, target, isCopy }: AskedRequest): RequestKind {
  switch (method) {
    case "HEAD":
      return "head";
    case "DELETE":
      return "free";
    case "PUT":
      return isCopy ? "copy" : "put";
    case "GET":
      return kindOfGet(new URL(target, "http://s3"));
    default:
      return "other";
  }
}

function kindOfGet({ pathname, searchParams }: URL): RequestKind {
  if (searchParams.has("attributes")) return "head";
  const isOfObject = /^\/[^/]+\/./.test(pathname);
  return isOfObject && !searchParams.has("uploadId") ? "get" : "other";
}
