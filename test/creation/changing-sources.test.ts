import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import type { Ball } from "../../lambdas/ball/ball.ts";
import type { SourceReader } from "../../lambdas/ball/source.ts";
import { type CreationContext, createBall } from "../../lambdas/creation/create-ball.ts";
import type { Selection } from "../../lambdas/creation/selection.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { creationBench, folder, path, requestFor } from "./creation-bench.ts";

const { s3, store, storedItems, contextWith } = creationBench();

async function make(
  context: CreationContext,
  bucket: string,
  selections: readonly Selection[],
): Promise<Ball> {
  return (await createBall(context, requestFor(bucket, selections))).ball;
}

describe("objects that are not as they were listed", () => {
  /** The same reader, with something done between listing and asking. */
  function interrupted(between: () => Promise<unknown>): SourceReader {
    const { reader } = contextWith();
    const list: SourceReader["list"] = async function* (bucket, prefix) {
      yield* reader.list(bucket, prefix);
      await between();
    };
    return { ...reader, list };
  }

  async function twoObjects(): Promise<string> {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "f/a", "first");
    await s3().put(bucket, "f/b", "first");
    return bucket;
  }

  test("because they were deleted fail the ball by name, and nothing is stored", async () => {
    const Bucket = await twoObjects();
    const before = await storedItems();
    const reader = interrupted(() => s3().client.send(new DeleteObjectCommand({ Bucket, Key: "f/b" })));
    const creating = make(contextWith({ reader }), Bucket, [folder("f/")]);
    await expect(creating).rejects.toMatchObject({ code: "source-not-found" });
    await expect(creating).rejects.toThrow('"/f/b" was deleted');
    expect(await storedItems()).toHaveLength(before.length);
  });

  test("because they were replaced are taken as they are now", async () => {
    const bucket = await twoObjects();
    const reader = interrupted(() => s3().put(bucket, "f/b", "second, and longer"));
    const ball = await make(contextWith({ reader }), bucket, [folder("f/")]);
    const manifest = await store().getManifest(ball);
    expect(manifest.sizeBytes(1)).toBe(18);
    expect(planLayout(manifest).lengthBytes).toBe(ball.lengthBytes);
  });

  test("because they were archived fail the ball", async () => {
    const bucket = await twoObjects();
    const reader = interrupted(() => s3().put(bucket, "f/b", "first", { StorageClass: "GLACIER" }));
    const creating = make(contextWith({ reader }), bucket, [folder("f/")]);
    await expect(creating).rejects.toMatchObject({ code: "source-archived" });
  });

  test.each(["GLACIER", "DEEP_ARCHIVE"] as const)(
    "nor can be read, being in %s, fail the ball by name",
    async (StorageClass) => {
      const bucket = await s3().newBucket();
      await s3().put(bucket, "f/cold", "x", { StorageClass });
      for (const selection of [folder("f/", "objects[2].folder"), path("f/cold", "objects[2].folder")]) {
        const creating = make(contextWith(), bucket, [selection]);
        await expect(creating).rejects.toMatchObject({ code: "source-archived", at: "objects[2].folder" });
        await expect(creating).rejects.toThrow('"/f/cold" is in an archive storage class');
      }
    },
  );

  test("without a CRC-32 in S3 are read for it, within the budget", async () => {
    const bucket = await s3().newBucket();
    await s3().put(bucket, "f/a", "hello", { ChecksumAlgorithm: "SHA256" });
    const ball = await make(contextWith(), bucket, [folder("f/")]);
    expect((await store().getCrc32s(ball)).get(0)).toBe(0x3610a686);
  });
});

test("versions pin the objects of a bucket that keeps them", async () => {
  const bucket = await s3().newBucket({ versioning: "Enabled" });
  await s3().put(bucket, "f/a", "first");
  const ball = await make(contextWith(), bucket, [folder("f/")]);
  expect((await store().getManifest(ball)).source(0).pin.kind).toBe("version");
});
