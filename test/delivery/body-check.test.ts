import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { BodyCheck } from "../../lambdas/delivery/body-check.ts";
import { Crc32Answers } from "../../lambdas/delivery/crc32-answers.ts";
import { archiveOf, someBytes } from "./archive-of.ts";

/** Bodies, what is known of their CRC-32s, and what checks them. */
function checkOf(bodies: readonly Uint8Array[], known: readonly (number | undefined)[]) {
  const { manifest, sources } = archiveOf(bodies.map((bytes) => ({ bytes })));
  const crc32s = new Crc32Column(bodies.length);
  known.forEach((value, entry) => {
    if (value !== undefined) crc32s.set(entry, value);
  });
  const answers = new Crc32Answers({
    manifest,
    reader: sources,
    contents: undefined,
    known: crc32s,
    isReadAtOnce: () => true,
    signal: new AbortController().signal,
  });
  return { check: new BodyCheck(manifest, answers), answers };
}

/** A body in chunks, cut at these offsets. */
function cutAt(body: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const offsets = [0, ...[...cuts].sort((one, other) => one - other), body.length];
  return offsets.slice(1).map((end, index) => body.subarray(offsets[index], end));
}

/** How many of the chunks' bytes may go out, and what it came to. */
function passAll(check: BodyCheck, entry: number, chunks: readonly Uint8Array[]) {
  let passedBytes = 0;
  try {
    for (const chunk of chunks) {
      check.pass(entry, chunk);
      passedBytes += chunk.length;
    }
    return { passedBytes, error: undefined };
  } catch (error) {
    return { passedBytes, error };
  }
}

const body = someBytes(300, 1);
const cuts = fc.array(fc.nat(body.length), { maxLength: 8 });

test("a right body passes whole, however it is cut into chunks", () => {
  fc.assert(
    fc.property(cuts, (offsets) => {
      const { check, answers } = checkOf([body], [crc32(body)]);
      const { passedBytes, error } = passAll(check, 0, cutAt(body, offsets));
      expect([passedBytes, error, answers.refuted.size]).toEqual([body.length, undefined, 0]);
    }),
  );
});

test("the last bytes of a body with one wrong bit never pass, however it is cut into chunks", () => {
  fc.assert(
    fc.property(cuts, fc.nat(body.length * 8 - 1), (offsets, bit) => {
      const wrong = Buffer.from(body);
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { check, answers } = checkOf([body], [crc32(body)]);
      const { passedBytes, error } = passAll(check, 0, cutAt(wrong, offsets));
      expect(error).toMatchObject({ code: "source-corrupt" });
      expect(passedBytes).toBeLessThan(body.length);
      expect([...answers.refuted]).toEqual([0]);
    }),
  );
});

test("a failure names the object, and both CRC-32s with all their digits", () => {
  const { check } = checkOf([Buffer.from("123456789")], [0x0000_00ab]);
  expect(() => check.pass(0, Buffer.from("123456789"))).toThrow(
    'The bytes of "in/entry-0" have CRC-32 cbf43926, but 000000ab was expected',
  );
});

test("a body whose CRC-32 is not known gives it, behind its last byte and not before", () => {
  const { check, answers } = checkOf([body], [undefined]);
  check.pass(0, body.subarray(0, 299));
  expect(answers.get(0)).toBeUndefined();
  check.pass(0, body.subarray(299));
  expect(answers.learned.get(0)).toBe(crc32(body));
});

test("each body has a CRC-32 of its own, also behind one that did not come whole", () => {
  const bodies = [someBytes(50, 1), someBytes(50, 2), someBytes(70, 3)];
  const { check, answers } = checkOf(
    bodies,
    bodies.map((bytes) => crc32(bytes)),
  );
  const [first = body, second = body, third = body] = bodies;
  expect(passAll(check, 0, [first.subarray(0, 20)]).error).toBeUndefined();
  expect(passAll(check, 1, cutAt(second, [1, 49])).error).toBeUndefined();
  expect(passAll(check, 2, cutAt(third, [35])).error).toBeUndefined();
  expect(answers.refuted.size).toBe(0);
});
