import { closeSync, openSync, writeSync } from "node:fs";
import type { Bucket } from "../../local/s3/bucket-table.ts";
import type { Extent } from "../../local/s3/content-table.ts";
import { MilestoneWriter } from "../../local/s3/crc-milestones.ts";
import type { Store } from "../../local/s3/store.ts";
import { noiseStartOf, periodBytes, pieceOfBody } from "../stream/bodies.ts";
import type { BenchObject, ObjectSet } from "../stream/object-set.ts";

/** One file that all bodies are cut from; it repeats the noise so often that an object of gigabytes has few extents. */
const noiseFile = { bodyId: "0".repeat(32), length: 16 * periodBytes };

/** Makes the buckets and puts the objects into one of them, past the wire: they take the disk space of one file. */
export function fillStore(
  store: Store,
  { bucket, objects }: ObjectSet,
  otherBuckets: readonly string[],
): void {
  const milestones = writeNoise(store.bodies.pathOf(noiseFile.bodyId));
  store.commit(() => {
    store.contents.addMilestones(noiseFile.bodyId, milestones);
    for (const name of [bucket, ...otherBuckets]) store.buckets.create(name, new Date());
    const made = store.buckets.find(bucket);
    if (made === undefined) throw new Error(`Bucket ${bucket} was not made`);
    for (const object of objects) putObject(store, made, object);
  });
}

function writeNoise(path: string): Uint8Array {
  const writer = new MilestoneWriter();
  const file = openSync(path, "w");
  for (let offset = 0; offset < noiseFile.length; ) {
    const piece = pieceOfBody(0, offset, noiseFile.length);
    writeSync(file, piece);
    writer.update(piece);
    offset += piece.length;
  }
  closeSync(file);
  return writer.milestones() ?? new Uint8Array();
}

function putObject(store: Store, bucket: Bucket, object: BenchObject): void {
  const { key, sizeBytes: size, etag, mtimeEpochSeconds: modifiedAt } = object;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(object.crc32);
  store.versions.put(bucket, {
    ...{ key, modifiedAt, size, storageClass: "STANDARD", headers: {} },
    etag: etag.replaceAll('"', ""),
    checksum: { algorithm: "CRC32", type: "FULL_OBJECT", value: value.toString("base64") },
    contentId: store.contents.add([...extentsOf(key, size)]),
  });
}

function* extentsOf(key: string, sizeBytes: number): Generator<Extent> {
  const { bodyId } = noiseFile;
  let offset = noiseStartOf(key);
  for (let rest = sizeBytes; rest > 0; offset = 0) {
    const length = Math.min(rest, noiseFile.length - offset);
    yield { bodyId, offset, length };
    rest -= length;
  }
}
