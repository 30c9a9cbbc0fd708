import { beforeAll, describe, expect, test, vi } from "vitest";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { endedAt, flippedAt, refused, resetAt } from "../support/faulty-proxy-faults.ts";
import { testS3 } from "../support/s3.ts";
import { expectBroken, expectFailed, expectWhole } from "./expectations.ts";
import { type FaultKind, final, mended } from "./fault-kinds.ts";
import { ballOfSizes, downloadThroughProxy, type FaultyBall, impatient } from "./faulty-ball.ts";

const attempts = 4;
const retry = { attempts, firstPauseMs: 1, maxPauseMs: 5 };
/** The third is what fails, read in two pieces; all others could be read. */
const sizes = [100_000, 70_000, readBufferBytes + 100_000, 5, 1_000_000];

// Side by side with others that wait for timeouts.
vi.setConfig({ testTimeout: 60_000 });
const s3 = testS3();
let ball: FaultyBall;
let victim: string;
beforeAll(async () => {
  ball = await ballOfSizes(s3(), sizes);
  victim = ball.manifest.key(2);
});

/** A download that meets a fault at every request for one object; how often its first piece was asked for. */
async function meet({ fault, stalls = false }: Pick<FaultKind, "fault" | "stalls">) {
  const { outcome, proxy } = await downloadThroughProxy(
    s3(),
    (get) => (get.key === victim ? fault(get, ball) : undefined),
    { ball, distance: "distant", reader: { retry, ...(stalls && impatient) } },
  );
  const triedTimes = proxy.gets.filter(({ key, range }) => key === victim && range?.end === readBufferBytes);
  return { outcome, triedTimes: triedTimes.length };
}

describe.concurrent("what goes wrong again and again with one object", () => {
  const ending = mended.flatMap(({ lasting, ...kind }) =>
    lasting === undefined ? [] : [{ ...kind, lasting }],
  );
  test.each(ending)("ends the archive after some attempts: $name", async (kind) => {
    const { outcome, triedTimes } = await meet(kind);
    expectBroken(outcome, { code: kind.lasting, key: victim });
    expect(triedTimes).toBe(attempts);
  });

  test.each(final)("ends the archive at once: $name", async (kind) => {
    const { outcome, triedTimes } = await meet(kind);
    expectBroken(outcome, { code: kind.lasting, key: victim });
    expect(triedTimes).toBe(1);
  });

  test("ends the archive at once: a bit turned in a body", async () => {
    const { outcome, triedTimes } = await meet({ fault: () => flippedAt(1000) });
    expectFailed(outcome, { code: "source-corrupt", key: victim });
    expect(triedTimes).toBe(1);
  });

  test.each(mended.filter(({ lasting }) => lasting === undefined))(
    "only takes its time: $name",
    async (kind) => {
      expectWhole((await meet(kind)).outcome);
    },
  );

  test.each([endedAt(100_000), resetAt(500_000)])(
    "only takes its time where every attempt brings much: $name",
    async (fault) => {
      expectWhole((await meet({ fault: () => fault })).outcome);
    },
  );
});

test("nobody who listens ends the archive, whatever is read", async () => {
  const { outcome } = await meet({ fault: () => refused() });
  expectBroken(outcome, { code: "source-unreadable" });
});
