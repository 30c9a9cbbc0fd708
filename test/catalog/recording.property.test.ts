import fc from "fast-check";
import { expect, test } from "vitest";
import type { ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import { recordListed, recordPath } from "../../lambdas/catalog/record-versions.ts";
import { MemoryCatalogStore, MemoryVersions } from "./memory-catalog.ts";

const key = "dir/a.txt";

/** What happens to a path: in the bucket at once, in the catalog whenever the scheduler lets a recorder go on. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "upload", keepsVersion: true } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "upload", keepsVersion: false } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), nth: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.constant({ kind: "record" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "record from a listing" } as const) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** A path, and recorders of it that are under way at the same time. */
class WatchedPath {
  readonly store = new MemoryCatalogStore();
  readonly lister = new MemoryVersions();
  /** ETags, each of one upload. */
  readonly uploads: string[] = [];
  readonly recorders: Promise<unknown>[] = [];

  constructor(scheduler: fc.Scheduler) {
    const pause = (step: string) => scheduler.schedule(Promise.resolve(), step);
    this.store.pause = pause;
    this.lister.pause = pause;
  }

  take(step: Step): void {
    switch (step.kind) {
      case "upload":
        this.uploads.push(this.lister.upload(key, step).etag);
        break;
      case "remove": {
        const victim = this.lister.listed(key)[step.nth];
        if (victim !== undefined) this.lister.remove(victim);
        break;
      }
      case "record":
        this.recorders.push(recordPath(this, "b", key));
        break;
      case "record from a listing":
        this.recorders.push(this.recordListing([...this.lister.listed(key)]));
        break;
    }
  }

  private async recordListing(listed: readonly ObjectVersion[]): Promise<void> {
    const [first] = await this.store.firstVersionsOf("b", [key]);
    await recordListed(this, "b", { key, listed, first });
  }

  known() {
    return this.store.known("b", key);
  }
}

test("whatever happens in between: no number is given twice, no version has two, and none is taken back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 30 }), async (scheduler, steps) => {
      const path = new WatchedPath(scheduler);
      for (const one of steps) {
        const before = path.known();
        path.take(one);
        if (scheduler.count() > 0) await scheduler.waitOne();
        expect(path.known().slice(0, before.length)).toEqual(before);
      }
      path.take({ kind: "record" });
      await scheduler.waitFor(Promise.all(path.recorders));
      expectGoodNumbers(path);
    }),
    { numRuns: 1000 },
  );
});

function expectGoodNumbers(path: WatchedPath): void {
  const known = path.known();
  expect(known.map(({ number }) => number)).toEqual(known.map((_, index) => index + 1));
  expect(new Set(known.map(({ id }) => id)).size).toBe(known.length);
  // What was uploaded earlier has the smaller number.
  const uploads = known.map(({ etag }) => path.uploads.indexOf(etag));
  expect(uploads).toEqual(uploads.toSorted((one, other) => one - other));
  const etags = new Set(known.map(({ etag }) => etag));
  for (const { etag } of path.lister.listed(key)) expect(etags).toContain(etag);
}
