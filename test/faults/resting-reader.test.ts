import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import { testS3 } from "../support/s3.ts";
import { expectWhole } from "./expectations.ts";
import { ballOfSizes, type Distance, download } from "./faulty-ball.ts";

const MiB = 1024 * 1024;
/** How often the reader rests. */
const restEveryBytes = 3 * MiB;

const s3 = testS3();

/** So many turns of the event loop that all buffers between S3 and the reader are full. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 500; turns += 1) await turn();
}

test.each<Distance>(["near", "distant"])(
  "connections to a %s S3 that break while the reader rests are taken up where they broke",
  async (distance) => {
    const ball = await ballOfSizes(s3(), [30 * MiB, 10, 7 * MiB]);
    const proxy = await startFaultyProxy(s3().endpoint);
    onTestFinished(() => proxy.close());
    let restCount = 0;
    const onReceived = async (receivedBytes: number) => {
      if (receivedBytes < (restCount + 1) * restEveryBytes) return;
      restCount += 1;
      await rest();
      proxy.resetAll();
    };
    const client = s3().newClient(proxy.endpoint);
    expectWhole(await download({ ball, client, distance, onReceived }));
    expect(restCount).toBe(12);
    expect(proxy.gets.length).toBeGreaterThan(restCount);
  },
);
