import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const block = Buffer.alloc(1024 * 1024, "zipball");
const checksumHeader = "x-amz-checksum-crc32";

export interface LargeObject {
  readonly bucket: string;
  readonly key: string;
  readonly mebibytes: number;
}

/**
 * Puts an object of some MiB with its CRC-32, made while it is sent. A presigned link leaves the body unsigned, which
 * for gibibytes is what takes the time. Throws: an Error with S3's answer when it is not 200.
 */
export async function putLargeObject(s3: S3Client, { bucket, key, mebibytes }: LargeObject): Promise<void> {
  const checksum = checksumOf(mebibytes);
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, ChecksumCRC32: checksum });
  const url = await getSignedUrl(s3, command, { unhoistableHeaders: new Set([checksumHeader]) });
  const headers = { "Content-Length": mebibytes * block.length, [checksumHeader]: checksum };
  const put = request(url, { method: "PUT", headers, agent: false });
  const answered = once(put, "response");
  for (let sent = 0; sent < mebibytes; sent += 1) {
    if (!put.write(block)) await once(put, "drain");
  }
  put.end();
  const [response] = await answered;
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`S3 answered ${response.statusCode}: ${answer}`);
}

function checksumOf(mebibytes: number): string {
  let value = 0;
  for (let done = 0; done < mebibytes; done += 1) value = crc32(block, value);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString("base64");
}
