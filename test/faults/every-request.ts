import pMap from "p-map";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { flippedAt } from "../support/faulty-proxy-faults.ts";
import { testS3 } from "../support/s3.ts";
import { expectBroken, expectFailed, expectWhole } from "./expectations.ts";
import { type FaultKind, final, mended, restarted } from "./fault-kinds.ts";
import {
  ballOfSizes,
  type Distance,
  downloadThroughProxy,
  type FaultyBall,
  impatient,
  type Outcome,
} from "./faulty-ball.ts";

const MiB = 1024 * 1024;
const sizes = [0, 1, 100, 65_536, 2 * MiB - 1, 0, 2 * MiB + 1, 3, 10_000, 3 * MiB, 30, 131_073];

/** Tests that let every kind of fault come once at every request of a small ball, read as from that distance. */
export function testEveryRequest(distance: Distance, requestCount: number): void {
  // A dozen downloads each.
  vi.setConfig({ testTimeout: 60_000 });
  const s3 = testS3();
  let ball: FaultyBall;
  beforeAll(async () => {
    ball = await ballOfSizes(s3(), sizes);
  });

  /** Lets the fault come at every request in turn. */
  async function atEveryRequest(
    { fault, stalls = false }: FaultKind,
    check: (outcome: Outcome, key?: string) => void,
  ): Promise<void> {
    const numbers = Array.from({ length: requestCount }, (_, index) => index + 1);
    const run = async (number: number) => {
      const { outcome, proxy } = await downloadThroughProxy(
        s3(),
        (get) => (get.nth === number ? fault(get, ball) : undefined),
        { ball, distance, reader: stalls ? impatient : {} },
      );
      expect(proxy.injected.length).toBe(1);
      check(outcome, proxy.injected[0]?.get.key);
    };
    await pMap(numbers, run, { concurrency: stalls ? 16 : 4 });
  }

  test("without faults every byte comes, by as many requests as there are", async () => {
    const { outcome, proxy } = await downloadThroughProxy(s3(), () => undefined, { ball, distance });
    expectWhole(outcome);
    expect(proxy.gets.length).toBe(requestCount);
  });

  describe("once, at whichever request, does not show in the archive:", () => {
    test.each([...mended, restarted])("$name", (kind) => atEveryRequest(kind, expectWhole));
  });

  describe("once, at whichever request, breaks the archive off:", () => {
    test.each(final)("$name", (kind) =>
      atEveryRequest(kind, (outcome, key) => expectBroken(outcome, { code: kind.lasting, key })),
    );

    test("a bit turned in a body", () => {
      const flipped = { name: "", fault: () => flippedAt(1000), lasting: undefined };
      return atEveryRequest(flipped, (outcome, key) =>
        expectFailed(outcome, { code: "source-corrupt", key }),
      );
    });
  });
}
