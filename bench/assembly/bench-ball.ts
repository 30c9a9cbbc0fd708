import { randomUUID } from "node:crypto";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import { etagOf } from "../../lambdas/ball/etag.ts";
import { Manifest } from "../../lambdas/ball/manifest.ts";
import type { Layout } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";
import type { BenchObject } from "../stream/object-set.ts";
import { sourceBucket } from "./account.ts";

export interface BenchBall {
  readonly ball: Ball;
  readonly manifest: Manifest;
  readonly layout: Layout;
}

/** The ball that is to be assembled of those objects: a new one each time. */
export function ballOf(objects: readonly BenchObject[]): BenchBall {
  const entries = objects.map(({ key, sizeBytes, mtimeEpochSeconds, etag }) => ({
    ...{ key, sizeBytes, mtimeEpochSeconds, name: key },
    pin: { kind: "etag", etag } as const,
  }));
  const manifest = Manifest.freeze({ writerVersion: currentWriterVersion, bucket: sourceBucket, entries });
  const layout = planLayout(manifest);
  const now = Math.floor(Date.now() / 1000);
  const ball: Ball = {
    ballId: randomUUID(),
    bucket: sourceBucket,
    createdAtEpochSeconds: now,
    expiresAtEpochSeconds: now + 24 * 3600,
    lifetimeFromStartSeconds: undefined,
    startedAtEpochSeconds: undefined,
    planNumber: 0,
    plannedAtEpochSeconds: now,
    etag: etagOf(encodeManifest(manifest)),
    lengthBytes: layout.lengthBytes,
    entryCount: objects.length,
    fileCount: objects.length,
    skippedFileCount: 0,
    skippedFolderCount: 0,
    fileName: "bench.zip",
    tokenId: "bench",
    delivery: "assemble",
    compression: "stored",
  };
  return { ball, manifest, layout };
}
