import { createHash, randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import type { Store } from "../../local/s3/store.ts";
import { patternBytes } from "../e2e/test-stack.ts";
import { testS3 } from "../support/s3.ts";
import { expectWhole } from "./expectations.ts";
import { ballOf, downloadThroughProxy, impatient, type Stored } from "./faulty-ball.ts";
import { randomFault, randomNumbers } from "./random-faults.ts";

const MiB = 1024 * 1024;
const bucket = "large";
/** What all objects are cut from, each at another place, so that no two have the same byte at the same place. */
const content = patternBytes(32 * MiB, 1);
/** 2 GiB: behind each large one eight small ones. */
const stored = Array.from({ length: 9 * 128 }, (_, index) =>
  storedOf(index, index % 9 === 0 ? 12 * MiB : MiB / 2),
);
const s3 = testS3((store) => store.commit(() => fill(store)));

function storedOf(index: number, sizeBytes: number): Stored & { readonly offset: number } {
  const key = `${10_000 + index}`;
  const object: SourceObject = {
    ...{ key, sizeBytes, mtimeEpochSeconds: 1_700_000_001, versionId: undefined, isArchived: false },
    etag: `"${createHash("md5").update(key).digest("hex")}"`,
    crc32: "not kept",
  };
  const offset = (index * 10_007) % (content.length - 12 * MiB);
  return { object, offset, bytes: content.subarray(offset, offset + sizeBytes) };
}

/** Past the wire, and with one body for all of them. */
function fill(store: Store): void {
  store.buckets.create(bucket, new Date());
  const created = store.buckets.find(bucket);
  if (created === undefined) throw new Error("The bucket was not made");
  const bodyId = "0".repeat(32);
  writeFileSync(store.bodies.pathOf(bodyId), content);
  for (const { object, offset } of stored) {
    const { key, sizeBytes: size, etag, mtimeEpochSeconds: modifiedAt } = object;
    store.versions.put(created, {
      ...{ key, modifiedAt, size, etag: etag.replaceAll('"', ""), storageClass: "STANDARD", headers: {} },
      checksum: { algorithm: "CRC64NVME", type: "FULL_OBJECT", value: "AAAAAAAAAAA=" },
      contentId: store.contents.add([{ bodyId, offset, length: size }]),
    });
  }
}

const faultCount = 500;
/** In a row with one object: few enough for the attempts that a read has. */
const mostInARow = 3;

test("2 GiB come right through 500 random faults", { timeout: 300_000 }, async () => {
  const seed = Number(process.env.FAULT_SEED ?? randomInt(1, 2 ** 31));
  const random = randomNumbers(seed);
  const ball = ballOf(bucket, stored);
  expect(ball.layout.lengthBytes).toBeGreaterThan(2 * 1024 * MiB);
  const inARow = new Map<string, number>();
  let left = faultCount;
  const { outcome, proxy } = await downloadThroughProxy(
    s3(),
    (get) => {
      const before = inARow.get(get.key) ?? 0;
      const isFault = left > 0 && before < mostInARow && random() < 0.4;
      inARow.set(get.key, isFault ? before + 1 : 0);
      if (!isFault) return undefined;
      left -= 1;
      return randomFault(random, get, ball);
    },
    { ball, distance: () => (random() < 0.5 ? "near" : "distant"), reader: impatient },
  );
  const context = `FAULT_SEED=${seed} gives these faults again`;
  expectWhole(outcome, context);
  expect(proxy.injected.length, context).toBe(faultCount);
});
