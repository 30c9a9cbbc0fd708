import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allSelected, BallError } from "../../lambdas/ball/errors.ts";
import {
  chooseDelivery,
  type DeliveryLimits,
  type DeliveryWish,
  longestAssembledBytes,
} from "../../lambdas/creation/choose-delivery.ts";

const limits: DeliveryLimits = { streamedBytes: 1000, compressedBytes: 500 };
const unlimited: DeliveryLimits = { ...limits, streamedBytes: undefined };
const most = 48.828125 * 1024 ** 4;

const stored = (delivery: "auto" | "stream" | "assemble"): DeliveryWish => ({
  compression: "stored",
  delivery,
});
const deflate = (delivery: "auto" | "assemble"): DeliveryWish => ({ compression: "deflate", delivery });

/** The delivery of an archive of that length, or what it is refused with. */
function choose(wish: DeliveryWish, lengthBytes: number, sourceBytes = lengthBytes, of = limits): string {
  try {
    return chooseDelivery(wish, { lengthBytes, sourceBytes }, of);
  } catch (error) {
    if (error instanceof BallError) return error.code;
    throw error;
  }
}

describe("an archive of so many bytes, where 1,000 can be streamed", () => {
  test.each([
    ["auto", 22, "stream"],
    ["auto", 999, "stream"],
    ["auto", 1000, "stream"],
    ["auto", 1001, "assemble"],
    ["auto", most, "assemble"],
    ["auto", most + 1, "archive-too-large"],
    ["stream", 1000, "stream"],
    ["stream", 1001, "archive-too-large"],
    ["stream", most + 1, "archive-too-large"],
    ["assemble", 22, "assemble"],
    ["assemble", 1001, "assemble"],
    ["assemble", most, "assemble"],
    ["assemble", most + 1, "archive-too-large"],
  ] as const)("wanted as %s, of %i: %s", (delivery, lengthBytes, outcome) => {
    expect(choose(stored(delivery), lengthBytes)).toBe(outcome);
  });
});

describe("where any length can be streamed", () => {
  test.each([
    ["auto", "stream"],
    ["stream", "stream"],
    ["assemble", "archive-too-large"],
  ] as const)("what S3 could not hold, wanted as %s: %s", (delivery, outcome) => {
    expect(choose(stored(delivery), most + 1, most, unlimited)).toBe(outcome);
  });
});

describe("a compressed archive of so many bytes of objects, where 500 can be compressed", () => {
  test.each([
    ["auto", 0, "assemble"],
    ["auto", 500, "assemble"],
    ["auto", 501, "archive-too-large"],
    ["assemble", 500, "assemble"],
    ["assemble", 501, "archive-too-large"],
  ] as const)("wanted as %s, of %i: %s", (delivery, sourceBytes, outcome) => {
    expect(choose(deflate(delivery), sourceBytes + 200, sourceBytes)).toBe(outcome);
    expect(choose(deflate(delivery), sourceBytes + 200, sourceBytes, unlimited)).toBe(outcome);
  });
});

test("the longest object of S3 is 10,000 parts of 5 GiB", () => {
  expect(longestAssembledBytes).toBe(most);
});

describe("what is refused is told with both lengths and what to do", () => {
  test.each<[DeliveryWish, number, string]>([
    [
      stored("stream"),
      1001,
      'The zip would have at least 1001 bytes, and 1000 are the most one streamed download can carry here; leave "delivery" out, and it is assembled, or select less',
    ],
    [
      deflate("auto"),
      501,
      'The selected objects have 501 bytes, and 500 are the most one compressed zip can be made of here; leave "compression" out, or select less',
    ],
    [
      stored("assemble"),
      most + 1,
      `The zip would have at least ${most + 1} bytes, and ${most} are the most one object of S3 can have; select less, for several balls`,
    ],
  ])("%j of %i bytes", (wish, lengthBytes, message) => {
    const choosing = () => chooseDelivery(wish, { lengthBytes, sourceBytes: lengthBytes }, limits);
    expect(choosing).toThrow(
      expect.objectContaining({ code: "archive-too-large", at: allSelected, message }),
    );
  });
});

test("what the objects alone come to never tells more than the length: neither refused nor assembled too early", () => {
  const wishes = [
    ...(["auto", "stream", "assemble"] as const).map(stored),
    ...(["auto", "assemble"] as const).map(deflate),
  ];
  const bytes = fc.integer({ min: 0, max: 2000 });
  fc.assert(
    fc.property(fc.constantFrom(...wishes), bytes, bytes, (wish, sourceBytes, headerBytes) => {
      const beforehand = choose(wish, sourceBytes, sourceBytes);
      const whole = choose(wish, sourceBytes + headerBytes, sourceBytes);
      if (beforehand !== "stream") expect(whole).toBe(beforehand);
    }),
  );
});
