import { Readable } from "node:stream";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ZipArchive } from "archiver";
import type { Work } from "./contestants.ts";
import { mtimeOf } from "./open-object.ts";

/** As it is written in a Lambda: the SDK with its defaults, each body appended when it is there, archiver queues them. */
export function asInLambda({ endpoint, bucket, objects, sink }: Work): () => Promise<void> {
  const s3 = new S3Client({ endpoint, forcePathStyle: true });
  return async () => {
    const archive = new ZipArchive({ store: true });
    archive.on("error", (error) => sink.destroy(error));
    archive.pipe(sink);
    for (const object of objects) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: object.key }));
      if (!(Body instanceof Readable)) throw new TypeError("GetObject answered without a body");
      archive.append(Body, { name: object.key, date: mtimeOf(object) });
    }
    await archive.finalize();
  };
}
