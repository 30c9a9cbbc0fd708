import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type ChecksumAlgorithm, checksumAlgorithms, newDigester } from "../../../local/s3/checksums.ts";
import { MilestoneWriter } from "../../../local/s3/crc-milestones.ts";
import { Store } from "../../../local/s3/store.ts";

const mebibyte = 1024 * 1024;
const step = 64 * 1024;

interface Body {
  readonly bodyId: string;
  readonly bytes: Buffer;
}

async function addBody(store: Store, bytes: Buffer, keepsMilestones: boolean): Promise<Body> {
  const writer = store.bodies.create();
  await writer.write(bytes);
  await writer.finish();
  const milestones = new MilestoneWriter();
  // In pieces that no milestone falls between.
  for (let at = 0; at < bytes.length; at += 99_991) milestones.update(bytes.subarray(at, at + 99_991));
  store.commitBody(
    {
      bodyId: writer.id,
      size: bytes.length,
      milestones: keepsMilestones ? milestones.milestones() : undefined,
    },
    () => undefined,
  );
  return { bodyId: writer.id, bytes };
}

function expected(algorithm: ChecksumAlgorithm, bytes: Buffer): string {
  if (algorithm.startsWith("SHA")) return createHash(algorithm.toLowerCase()).update(bytes).digest("base64");
  const digester = newDigester(algorithm);
  digester.update(bytes);
  return digester.digest().toString("base64");
}

describe("the checksum of extents", () => {
  let store: Store;
  let bodies: Body[] = [];
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "local-s3-"));
    store = new Store(directory);
    bodies = await Promise.all([
      addBody(store, randomBytes(3 * mebibyte), true),
      addBody(store, randomBytes(2 * mebibyte + 1), true),
      addBody(store, randomBytes(mebibyte + 7), false),
      addBody(store, randomBytes(10), true),
    ]);
    return () => {
      store.close();
      rmSync(directory, { recursive: true });
    };
  });

  /** Around the steps of milestones as often as anywhere else. */
  const offset = fc.oneof(
    fc.nat(3 * mebibyte),
    fc.tuple(fc.nat(48), fc.integer({ min: -1, max: 1 })).map(([count, more]) => count * step + more),
  );
  const run = fc.record({ body: fc.nat(3), from: offset, to: offset }).map(({ body, from, to }) => {
    const { bodyId = "", bytes = Buffer.alloc(0) } = bodies[body] ?? {};
    const [start = 0, end = 0] = [from, to]
      .map((at) => Math.min(Math.max(at, 0), bytes.length))
      .sort((a, b) => a - b);
    return { extent: { bodyId, offset: start, length: end - start }, bytes: bytes.subarray(start, end) };
  });

  test.each(checksumAlgorithms)("%s is that of their bytes one after the other", async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 4 }), async (runs) => {
        const told = await store.checksums.of(
          runs.map(({ extent }) => extent),
          algorithm,
        );
        expect(told).toBe(expected(algorithm, Buffer.concat(runs.map(({ bytes }) => bytes))));
      }),
      { numRuns: 15 },
    );
  });
});
