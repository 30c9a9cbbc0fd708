import { request } from "node:http";
import { pipeline } from "node:stream/promises";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { startLocalS3 } from "../../../local/s3/server.ts";

/**
 * Run in a process of its own by memory.test.ts: server and client in one, a gibibyte in and out, then its peak
 * resident memory on standard output.
 */
const [dataDir = ""] = process.argv.slice(2);
const gibibyte = 1024 ** 3;
const credentials = { accessKeyId: "a", secretAccessKey: "b" };
const server = await startLocalS3({ dataDir, port: 0, region: "us-east-1", credentials: [credentials] });
const client = new S3Client({
  endpoint: server.endpoint,
  region: "us-east-1",
  credentials,
  forcePathStyle: true,
});
const target = { Bucket: "bucket", Key: "gibibyte" };
await client.send(new CreateBucketCommand({ Bucket: target.Bucket }));

function* zeros() {
  const piece = Buffer.alloc(64 * 1024);
  for (let sent = 0; sent < gibibyte; sent += piece.length) yield piece;
}

const headers = { "content-length": String(gibibyte) };
const put = request(await getSignedUrl(client, new PutObjectCommand(target)), { method: "PUT", headers });
const answered = new Promise((resolve, reject) => put.on("response", resolve).on("error", reject));
await pipeline(zeros, put);
await answered;

let bytesRead = 0;
const { Body } = await client.send(new GetObjectCommand(target));
if (!(Body instanceof Object && Symbol.asyncIterator in Body)) throw new Error("No body came.");
for await (const chunk of Body) if (chunk instanceof Uint8Array) bytesRead += chunk.length;
client.destroy();
await server.close();
console.log(JSON.stringify({ bytesRead, peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
