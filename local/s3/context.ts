import type { Bucket } from "./bucket-table.ts";
import { S3Error } from "./errors.ts";
import type { ObjectChange } from "./object-event.ts";
import type { Payload } from "./payload.ts";
import type { Reply } from "./reply.ts";
import type { S3Request } from "./request.ts";
import type { Store } from "./store.ts";

/** What an operation works with. The request is authenticated. */
export interface Context {
  readonly request: S3Request;
  readonly store: Store;
  readonly region: string;
  readonly now: () => Date;
  /** The body without its transfer coding. Throws: S3Error for one that cannot be read. */
  readonly payload: () => Payload;
  /** Tells of a change to whoever listens to the bucket. Belongs into the transaction that makes the change. */
  readonly announce: (bucket: Bucket, change: ObjectChange) => void;
}

export type Operation = (context: Context) => Reply | Promise<Reply>;

/** The bucket the request names. Throws: S3Error NoSuchBucket. */
export function bucketOf(context: Context): Bucket {
  return bucketNamed(context, context.request.bucket ?? "");
}

/** Throws: S3Error NoSuchBucket. */
export function bucketNamed({ store }: Context, name: string): Bucket {
  const bucket = store.buckets.find(name);
  if (bucket !== undefined) return bucket;
  throw new S3Error("NoSuchBucket", "The specified bucket does not exist", {
    details: { BucketName: name },
  });
}

/** The key the request names. Operations on objects are chosen only for requests that name one. */
export function keyOf({ request }: Context): string {
  if (request.key === undefined) throw new Error("This operation needs a key.");
  return request.key;
}

/** Now, in the seconds since 1970 that S3 keeps. */
export function epochSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** As S3 writes times into documents. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
