import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { catalogTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { testS3 } from "../support/s3.ts";
import { batchOf, deletionEvent, uploadEvent } from "./object-events.ts";

const s3 = testS3();
const dynamodb = testDynamodb();
let handler: (event: unknown) => Promise<unknown>;

beforeAll(async () => {
  vi.stubEnv("S3_ENDPOINT", s3().endpoint);
  vi.stubEnv("DYNAMODB_ENDPOINT", dynamodb().endpoint);
  vi.stubEnv("CATALOG_TABLE", catalogTable);
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
  const indexer = await import("../../lambdas/indexer.ts");
  handler = (event) => indexer.handler(event, { getRemainingTimeInMillis: () => 60_000 });
});
afterAll(() => vi.unstubAllEnvs());

/** What is done to one key of a bucket that keeps versions, with the events it makes. */
class History {
  readonly bucket: string;
  readonly events: string[] = [];
  readonly #versionIds: string[] = [];

  constructor(bucket: string) {
    this.bucket = bucket;
  }

  async upload(): Promise<void> {
    // The length of its body tells which upload it is.
    const Body = "x".repeat(this.#versionIds.length + 1);
    const { VersionId = "", ETag = "" } = await s3().client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: "a", Body }),
    );
    this.#versionIds.push(VersionId);
    this.events.push(uploadEvent(this.bucket, "a", { etag: ETag, versionId: VersionId }));
  }

  /** For good where a version is named, else with a delete marker. */
  async remove(nth: number | undefined): Promise<void> {
    const VersionId = nth === undefined ? undefined : this.#versionIds[nth];
    await s3().client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: "a", VersionId }));
    this.events.push(deletionEvent(this.bucket, "a"));
  }

  /** Which upload has which number. */
  async numbers(): Promise<[upload: number, number: number][]> {
    const store = createCatalogStore(dynamodb().newClient(), catalogTable);
    const versions = await store.versionsOf(this.bucket, "a");
    return versions.map(({ sizeBytes, number }) => [sizeBytes, number]);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "upload" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "remove", nth: undefined } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), nth: fc.nat(5) }) },
);

async function newHistory(steps: readonly (typeof step extends fc.Arbitrary<infer One> ? One : never)[]) {
  const history = new History(await s3().newBucket({ versioning: "Enabled" }));
  for (const one of steps) await (one.kind === "upload" ? history.upload() : history.remove(one.nth));
  return history;
}

/** Each event twice; `places` tells where in the order each comes. */
function doubledInDisorder(events: readonly string[], places: readonly number[]): string[] {
  const placed = [...events, ...events].map((event, index) => ({ event, place: places[index] ?? 0 }));
  return placed.toSorted((one, other) => one.place - other.place).map(({ event }) => event);
}

test("events out of order, doubled and at once give the numbers that events in order give", async () => {
  const allSteps = fc.array(step, { minLength: 1, maxLength: 8 });
  const allPlaces = fc.array(fc.nat(1000), { minLength: 16, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(allSteps, allPlaces, async (steps, places) => {
      const inOrder = await newHistory(steps);
      for (const event of inOrder.events) await handler(batchOf([event]));

      const disordered = await newHistory(steps);
      const events = doubledInDisorder(disordered.events, places);
      // Two batches at once, as two invocations are.
      const batches = [batchOf(events.slice(0, steps.length)), batchOf(events.slice(steps.length))];
      const answers = await Promise.all(batches.map((batch) => handler(batch)));
      expect(answers).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
      expect(await disordered.numbers()).toEqual(await inOrder.numbers());
    }),
    { numRuns: 12 },
  );
}, 60_000);

test("whichever event comes first, the numbers are those of the uploads; and they stay when versions go", async () => {
  const path = new History(await s3().newBucket({ versioning: "Enabled" }));
  for (let upload = 0; upload < 3; upload += 1) await path.upload();
  const [first = "", , third = ""] = path.events;
  await handler(batchOf([third]));
  expect(await path.numbers()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  await path.remove(1);
  await path.upload();
  await handler(batchOf([first, ...path.events]));
  expect(await path.numbers()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
});

test("a message that is no event fails alone", async () => {
  const path = new History(await s3().newBucket({ versioning: "Enabled" }));
  await path.upload();
  const [event = ""] = path.events;
  const answer = await handler(batchOf(["no event", event, "{}"]));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "0" }, { itemIdentifier: "2" }] });
  expect(await path.numbers()).toEqual([[1, 1]]);
});
