import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import pMap from "p-map";

export interface S3Account {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A client for filling buckets. */
export function fillingClient({ endpoint, region, ...credentials }: S3Account): S3Client {
  const requestHandler = new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: concurrency } });
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, requestHandler });
}

export interface Fill {
  readonly client: S3Client;
  readonly bucket: string;
  readonly keys: readonly string[];
  readonly sizeBytes: number;
}

/** Puts alike objects, with the CRC-32 that the SDK sends by default. */
export async function fillBucket({ client, bucket, keys, sizeBytes }: Fill): Promise<void> {
  if (sizeBytes > maxSinglePutBytes) {
    for (const Key of keys) await uploadLarge(client, { Bucket: bucket, Key }, sizeBytes);
    return;
  }
  const Body = repeatedBuffer.subarray(0, sizeBytes);
  const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  await pMap(keys, put, { concurrency });
}

async function uploadLarge(client: S3Client, target: { Bucket: string; Key: string }, sizeBytes: number) {
  const checksum = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;
  const params = { ...target, ...checksum, Body: Readable.from(pieces(sizeBytes), { objectMode: false }) };
  await new Upload({ client, partSize: 16 * MiB, queueSize: 2, params }).done();
}

function* pieces(sizeBytes: number): Generator<Buffer> {
  for (let sent = 0; sent < sizeBytes; sent += MiB)
    yield repeatedBuffer.subarray(0, Math.min(MiB, sizeBytes - sent));
}

const MiB = 1024 * 1024;
const concurrency = 32;
const maxSinglePutBytes = 10 * MiB;
/** Bytes without a pattern a disk or a network could profit from. */
const repeatedBuffer = Buffer.alloc(maxSinglePutBytes);
for (let offset = 0, state = 1; offset < repeatedBuffer.length; offset += 4) {
  // xorshift32
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  repeatedBuffer.writeInt32LE(state | 0, offset);
}
