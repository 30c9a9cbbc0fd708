import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { z } from "zod";
import { quoted } from "./failures.ts";

/** Where the objects of a bucket are, and for whom requests to them are signed. */
export interface BucketAddress {
  /** As in `https://bucket.s3.eu-west-1.amazonaws.com`. */
  readonly origin: string;
  /** The Host header. */
  readonly host: string;
  /** What stands before a key's path, with a slash at its end: the bucket itself, where it is addressed by path. */
  readonly basePath: string;
  readonly region: string;
  readonly service: string;
}

const properties = z.object({
  authSchemes: z
    .array(z.object({ name: z.string(), signingName: z.string(), signingRegion: z.string().optional() }))
    .min(1),
});

/**
 * The address of a bucket as the SDK resolves it for this client: from its region, endpoint and way of addressing, for a
 * bucket's name as for an access point's ARN.
 * Throws: Error for a bucket whose requests are not signed with SigV4 (directory buckets, multi-region access points).
 */
export async function resolveAddress({ config }: S3Client, bucket: string): Promise<BucketAddress> {
  const endpoint = await getEndpointFromInstructions({ Bucket: bucket, Key: "-" }, GetObjectCommand, config);
  const { authSchemes } = properties.parse(endpoint.properties);
  const scheme = authSchemes.find(({ name }) => name === "sigv4");
  if (scheme === undefined) {
    const found = authSchemes.map(({ name }) => name).join(", ");
    throw new Error(`Objects of bucket ${quoted(bucket)} are asked for with ${found}; expected sigv4`);
  }
  const { origin, host, pathname } = endpoint.url;
  return {
    origin,
    host,
    basePath: pathname.endsWith("/") ? pathname : `${pathname}/`,
    region: scheme.signingRegion ?? (await config.region()),
    service: scheme.signingName,
  };
}
