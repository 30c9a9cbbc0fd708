import pMap from "p-map";
import { beforeAll, expect, test, vi } from "vitest";
import { endedAt, type Fault, resetAt, stalledAt } from "../support/faulty-proxy-faults.ts";
import { testS3 } from "../support/s3.ts";
import { expectWhole } from "./expectations.ts";
import { ballOfSizes, downloadThroughProxy, type FaultyBall, impatient } from "./faulty-ball.ts";

/** Of the last body so much comes before it breaks off that it counts as progress. */
const sizes = [1, 0, 700, 70_000];

// Hundreds of downloads each.
vi.setConfig({ testTimeout: 60_000 });
const s3 = testS3();
let ball: FaultyBall;
beforeAll(async () => {
  ball = await ballOfSizes(s3(), sizes);
});

interface Row {
  readonly what: string;
  readonly faultAt: (byte: number) => Fault;
  /** A prime, so that the places are other ones in every body. */
  readonly everyBytes: number;
  readonly concurrency: number;
}

test.each<Row>([
  { what: "reset", faultAt: resetAt, everyBytes: 397, concurrency: 8 },
  { what: "ended", faultAt: endedAt, everyBytes: 397, concurrency: 8 },
  // A stall takes a second to be noticed.
  { what: "stalled", faultAt: stalledAt, everyBytes: 997, concurrency: 32 },
])("a body $what at any $everyBytes. byte is read on from there", async (row) => {
  const places = sizes.flatMap((size, entry) =>
    Array.from({ length: Math.ceil(size / row.everyBytes) }, (_, index) => ({
      key: ball.manifest.key(entry),
      byte: index * row.everyBytes,
    })),
  );
  await pMap(places, (place) => breakOffOnce(place, row), row);
});

async function breakOffOnce({ key, byte }: { key: string; byte: number }, { what, faultAt }: Row) {
  let isDone = false;
  const choose = (get: { key: string }) => {
    if (isDone || get.key !== key) return undefined;
    isDone = true;
    return faultAt(byte);
  };
  const reader = what === "stalled" ? impatient : {};
  const { outcome, proxy } = await downloadThroughProxy(s3(), choose, { ball, distance: "near", reader });
  expectWhole(outcome);
  const [, again] = proxy.gets.filter((get) => get.key === key);
  const start = again?.range?.start ?? 0;
  // What a reset overtakes on its way may be lost.
  if (what === "reset") expect(start).toBeLessThanOrEqual(byte);
  else expect(start).toBe(byte);
}
