import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePin, encodePin, pinOf } from "../../lambdas/ball/pin.ts";
import { anyPin } from "./any-manifest.ts";

const md5 = "d41d8cd98f00b204e9800998ecf8427e";

describe("a pin", () => {
  test("as bytes is the same pin", () => {
    fc.assert(
      fc.property(anyPin, (pin) => {
        expect(decodePin(encodePin(pin))).toEqual(pin);
      }),
    );
  });

  test("tells pins apart that differ in anything", () => {
    fc.assert(
      fc.property(anyPin, anyPin, (one, other) => {
        const isSame = Buffer.compare(encodePin(one), encodePin(other)) === 0;
        expect(isSame).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test.each([
    ["an MD5", `"${md5}"`, 17],
    ["an MD5 of parts", `"${md5}-10000"`, 19],
    ["any other", '"other"', 8],
  ])("by an ETag that is %s takes few bytes", (_name, etag, length) => {
    expect(encodePin({ kind: "etag", etag })).toHaveLength(length);
  });

  test.each([
    ["nothing", []],
    ["a form nobody knows", [6, 1, 2]],
    ["a null version that has a version", [5, 0, 0x61]],
    ["a null version without an ETag", [5]],
    ["a short MD5", [1, ...Array(15).fill(0)]],
    ["a long MD5", [1, ...Array(17).fill(0)]],
    ["an MD5 of parts without its count", [2, ...Array(16).fill(0)]],
    ["an MD5 of parts with something behind it", [2, ...Array(19).fill(0)]],
  ])("is not made of %s", (_name, bytes) => {
    expect(() => decodePin(Uint8Array.from(bytes))).toThrow(RangeError);
  });
});

describe("an object is pinned", () => {
  test.each([
    ["its version", "v1", { kind: "version", versionId: "v1" }],
    ["its ETag, where there are no versions", undefined, { kind: "etag", etag: '"e"' }],
    [
      "its ETag, as a null version, where versioning is suspended",
      "null",
      { kind: "null-version", etag: '"e"' },
    ],
  ])("by %s", (_name, versionId, pin) => {
    expect(pinOf({ etag: '"e"', versionId })).toEqual(pin);
  });
});
