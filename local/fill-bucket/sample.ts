import { ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** The folder of the sample: what the first curl lines ask for. */
export const sampleFolder = "sample";

/** Puts a few objects into the bucket if it has none: nested, with an empty folder and a name beyond ASCII. */
export async function putSample(client: S3Client, bucket: string): Promise<void> {
  const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
  if (KeyCount !== 0) return;
  for (const [key, body] of sampleObjects) {
    const Key = `${sampleFolder}/${key}`;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(body) }));
  }
}

const sampleObjects: readonly (readonly [key: string, body: string])[] = [
  ["readme.txt", "These objects stand in a bucket. One link downloads them all.\n"],
  ["reports/2026/january.csv", "day,visits\n1,17\n2,23\n"],
  ["reports/2026/february.csv", "day,visits\n1,31\n2,29\n"],
  ["photos/Grüße aus Köln ☀.txt", "Imagine a photograph here.\n"],
  ["photos/contact sheet.txt", "photograph\n".repeat(20_000)],
  ["to be filled/", ""],
];
