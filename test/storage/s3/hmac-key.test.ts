import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HmacKey } from "../../../lambdas/storage/s3/hmac-key.ts";

test("it signs any text with any key of a block as Node's Hmac does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: "grapheme" }), (key, text) => {
      expect(new HmacKey(key).sign(text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
    }),
  );
});

test("a key longer than a block is refused", () => {
  expect(() => new HmacKey(new Uint8Array(65))).toThrow(RangeError);
});
