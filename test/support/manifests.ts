import { createHash, randomUUID } from "node:crypto";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import { etagOf } from "../../lambdas/ball/etag.ts";
import { Manifest, type ManifestEntry } from "../../lambdas/ball/manifest.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";

/** Digest of a number, for what looks random and is the same every time. */
export function digest(seed: string | number, encoding: "hex" | "base64url" = "hex"): string {
  return createHash("sha256").update(String(seed)).digest(encoding);
}

export function freeze(entries: Iterable<ManifestEntry>, bucket = "photos"): Manifest {
  return Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries });
}

/** The ball of a manifest, as far as a store looks at it. */
export function ballOf(manifest: Manifest): Ball {
  return {
    ballId: randomUUID(),
    bucket: manifest.bucket,
    createdAtEpochSeconds: 1_750_000_000,
    expiresAtEpochSeconds: 1_750_604_800,
    lifetimeFromStartSeconds: undefined,
    startedAtEpochSeconds: undefined,
    planNumber: 0,
    plannedAtEpochSeconds: 1_750_000_000,
    etag: etagOf(encodeManifest(manifest)),
    lengthBytes: 123_456,
    entryCount: manifest.entryCount,
    fileCount: manifest.entryCount,
    skippedFileCount: 0,
    skippedFolderCount: 0,
    fileName: "photos.zip",
    tokenId: "token",
    delivery: "stream",
    compression: "stored",
  };
}

/**
 * Entries as buckets have them: folders of dated photos with neighbouring names, sizes of some MB, times of one
 * afternoon each; pinned by ETag, or by version ids as S3 makes them.
 */
export function realisticEntries(count: number, pinned: "etag" | "version" = "etag"): ManifestEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const day = Math.floor(index / 150);
    const folder = `albums/${2015 + (day % 9)}/${["spring", "summer", "autumn", "winter"][day % 4]}-${day}`;
    const name = `${folder}/IMG_${20_000 + index}${index % 11 === 0 ? "_edited" : ""}.jpg`;
    const hash = digest(index);
    return {
      key: `customers/8841/${name}`,
      name,
      sizeBytes: 1_000_000 + (Number.parseInt(hash.slice(0, 6), 16) % 7_000_000),
      mtimeEpochSeconds: 1_500_000_000 + day * 86_400 + (index % 150) * 97,
      pin:
        pinned === "etag"
          ? { kind: "etag", etag: `"${hash.slice(0, 32)}"` }
          : { kind: "version", versionId: digest(index, "base64url").slice(0, 32) },
    };
  });
}

/** A column in which every entry has its own CRC-32. */
export function allCrc32s(entryCount: number): Crc32Column {
  const crc32s = new Crc32Column(entryCount);
  for (let entry = 0; entry < entryCount; entry += 1) {
    crc32s.set(entry, Number.parseInt(digest(`crc ${entry}`).slice(0, 8), 16));
  }
  return crc32s;
}
