import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { ballsTable } from "../../local/tables.ts";
import { allCrc32s, ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import type { TestStack } from "./test-stack.ts";

/** A ball whose assembly nobody was asked for, so that it is made when a test says so. */
export interface UnmadeBall {
  readonly ball: Ball;
  /** Its links in both dialects. */
  readonly bitpaket: string;
  readonly box: string;
  /** Puts its archive into the bucket of archives. */
  make(): Promise<void>;
  /** Has its assembly fail. */
  fail(reason: string): Promise<void>;
}

/** Stores a ball whose archive is to be those bytes, in a stack that is to be asked at `publicUrl`. */
export async function unmadeBall(
  stack: TestStack,
  publicUrl: string,
  bytes: Uint8Array,
  more: Partial<Ball> = {},
): Promise<UnmadeBall> {
  const manifest = freeze(realisticEntries(3), stack.bucket);
  const ball: Ball = {
    ...ballOf(manifest),
    expiresAtEpochSeconds: Math.floor(Date.now() / 1000) + 3600,
    delivery: "assemble",
    lengthBytes: bytes.length,
    ...more,
  };
  await createBallStore(stack.dynamoDb, ballsTable).put(ball, manifest, allCrc32s(3));
  const assemblies = createAssemblyStore(stack.dynamoDb, ballsTable);
  const begin = () =>
    assemblies.begin(ball, { attempt: 1, uploadId: "upload", groupCount: 0, begunAtEpochSeconds: 1 });
  return {
    ball,
    bitpaket: `${publicUrl}/${ball.ballId}.zip`,
    box: `${publicUrl}/2.0/zip_downloads/${ball.ballId}/content`,
    make: async () => {
      const key = `${ball.ballId}/plan/1/archive.zip`;
      const put = new PutObjectCommand({ Bucket: stack.archivesBucket, Key: key, Body: bytes });
      const { ETag: etag = "" } = await stack.s3.send(put);
      const lastModifiedEpochSeconds = Math.floor(Date.now() / 1000);
      await begin();
      await assemblies.complete(ball, 1, { key, etag, lengthBytes: bytes.length, lastModifiedEpochSeconds });
    },
    fail: async (reason) => {
      await begin();
      await assemblies.fail(ball, 1, reason, "the message");
    },
  };
}
