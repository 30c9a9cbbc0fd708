import fc from "fast-check";
import { expect, test } from "vitest";
import { Gather } from "../../lambdas/delivery/gather.ts";
import { someBytes } from "./archive-of.ts";

const enoughBytes = 64 * 1024;

const lengths = fc.oneof(
  { weight: 5, arbitrary: fc.nat(100) },
  { weight: 5, arbitrary: fc.integer({ min: enoughBytes / 4, max: enoughBytes }) },
  fc.constantFrom(0, 1, enoughBytes - 1, enoughBytes, enoughBytes + 1, 3 * enoughBytes),
);
const flush = "flush" as const;

test("the bytes stay the same and in order, small chunks are gathered, and large ones pass as they are", () => {
  const added = fc.array(fc.oneof({ weight: 9, arbitrary: lengths }, fc.constant(flush)), { maxLength: 40 });
  fc.assert(
    fc.property(added, (calls) => {
      const gather = new Gather();
      const chunks: Uint8Array[] = [];
      const out: Uint8Array[] = [];
      for (const call of calls) {
        if (call === flush) {
          out.push(...gather.flush());
          expect(bytesIn(out)).toBe(bytesIn(chunks));
          continue;
        }
        const chunk = someBytes(call, chunks.length);
        chunks.push(chunk);
        const ready = gather.add(chunk);
        if (call >= enoughBytes) expect(ready.at(-1)).toBe(chunk);
        out.push(...ready);
        // What is kept back is never worth a write.
        expect(bytesIn(chunks) - bytesIn(out)).toBeLessThan(enoughBytes);
      }
      out.push(...gather.flush());
      expect(Buffer.concat(out).equals(Buffer.concat(chunks))).toBe(true);
      expect(out.every(({ length }) => length > 0)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("without a flush no chunk is below the limit but the last, and one that a large chunk had to follow", () => {
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 40 }), (sizes) => {
      const gather = new Gather();
      const out = [...sizes.flatMap((size) => [...gather.add(Buffer.alloc(size))]), ...gather.flush()];
      for (const [index, { length }] of out.slice(0, -1).entries()) {
        if (length < enoughBytes) expect(out[index + 1]?.length).toBeGreaterThanOrEqual(enoughBytes);
      }
    }),
  );
});

test("a chunk below the limit that was gathered with no other is not copied", () => {
  const gather = new Gather();
  const chunk = someBytes(10);
  expect(gather.add(chunk)).toEqual([]);
  expect(gather.flush()[0]).toBe(chunk);
});

test("what is gathered goes out once", () => {
  const gather = new Gather();
  gather.add(someBytes(10));
  expect(gather.flush()).toHaveLength(1);
  expect(gather.flush()).toEqual([]);
});

function bytesIn(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
