import { expect, test } from "vitest";
import { limitsFor } from "../../lambdas/delivery/stream-limits.ts";
import { Reader } from "../../lambdas/gateway/reader.ts";
import { sendStreamed } from "../../lambdas/gateway/stream-response.ts";
import { archiveOf, someBytes } from "../delivery/archive-of.ts";
import { RecordedStream } from "./recorded-stream.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const { windowBytes } = limitsFor(undefined);

/** Lets everything run that can run while the reader takes nothing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test.each([
  ["large bodies", 8, 4 * MiB],
  ["small objects", 3000, 10 * KiB],
])(
  "a reader who takes write after write of %s holds back what is read for him",
  async (_what, count, size) => {
    const bytes = someBytes(size);
    const archive = archiveOf(Array.from({ length: count }, () => ({ bytes })));
    const stream = new RecordedStream();
    const reader = new Reader(stream.shown, 60);
    let takenBytes = 0;
    const aheadBytes: number[] = [];
    stream.onWrite = async (chunk) => {
      await settle();
      const asked = archive.sources.reads.reduce((sum, { range }) => sum + range.end - range.start, 0);
      aheadBytes.push(asked - takenBytes);
      takenBytes += chunk.length;
    };
    const { chunks } = archive.stream();
    await sendStreamed(reader, { status: 200, headers: {}, chunks }, (error) => {
      throw error;
    });
    reader.release();
    expect(Math.max(...aheadBytes)).toBeLessThanOrEqual(windowBytes);
    expect(Math.max(...aheadBytes)).toBeGreaterThan(windowBytes / 4);
    expect(stream.body.equals(archive.reference.bytes())).toBe(true);
  },
);
