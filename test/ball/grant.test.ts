import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Grant, isGranted, requireGranted } from "../../lambdas/ball/grant.ts";

const grantOf = (...prefixes: string[]): Grant => ({
  tokenId: "token-1",
  bucket: "photos",
  prefixes,
  requestsPerMinute: 600,
});

describe("a key", () => {
  test.each([
    ["photos/2026/", "photos/2026/a.jpg", true],
    ["photos/2026/", "photos/2026/", true],
    ["photos/2026/", "photos/2026", false],
    ["photos/2026", "photos/2026-secret/a.jpg", true],
    ["photos/2026/", "photos/", false],
    ["photos/2026/", "Photos/2026/a.jpg", false],
    ["photos/2026/", "/photos/2026/a.jpg", false],
    ["photos/2026/", "photos//2026/a.jpg", false],
    ["photos/2026/", "photos/x/../2026/a.jpg", false],
    // To S3 these are two characters, and no way up.
    ["photos/2026/", "photos/2026/../2025/a.jpg", true],
    ["photos/2026/", "photos%2F2026%2Fa.jpg", false],
    // é as one code point, and as e with an accent.
    ["caf\u00e9/", "cafe\u0301/a", false],
    ["cafe\u0301/", "caf\u00e9/a", false],
    ["cafe", "cafe\u0301/a", true],
    // K and the Kelvin sign, which fold into one.
    ["k/", "\u212a/a", false],
    ["\u{1f600}/", "\u{1f600}/a", true],
    // Half of a surrogate pair is not half of the character's bytes.
    ["\ud83d", "\u{1f600}/a", false],
    ["", "anything at all", true],
    ["", "", true],
  ])("under the prefix %j: %j is granted: %s", (prefix, key, isCovered) => {
    expect(isGranted(grantOf(prefix), key)).toBe(isCovered);
  });

  test("is granted by any one of several prefixes, and by none at all never", () => {
    expect(isGranted(grantOf("a/", "b/"), "b/x")).toBe(true);
    expect(isGranted(grantOf("a/", "b/"), "c/x")).toBe(false);
    expect(isGranted(grantOf(), "c/x")).toBe(false);
  });

  test("is granted exactly when its bytes begin with those of a prefix", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "A", "/", ".", "e", "\u0301", "é", "😀", "K"),
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), text, (prefixes, key) => {
        const hex = (value: string) => Buffer.from(value, "utf8").toString("hex");
        const expected = prefixes.some((prefix) => hex(key).startsWith(hex(prefix)));
        expect(isGranted(grantOf(...prefixes), key)).toBe(expected);
      }),
    );
  });

  test("is granted with everything that begins like it", () => {
    const anyText = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.array(anyText), anyText, anyText, (prefixes, prefix, rest) => {
        const grant = grantOf(...prefixes);
        if (isGranted(grant, prefix)) expect(isGranted(grant, `${prefix}${rest}`)).toBe(true);
        expect(isGranted(grantOf(prefix), `${prefix}${rest}`)).toBe(true);
      }),
    );
  });
});

test("what is not granted is refused where the request names it", () => {
  expect(() => requireGranted(grantOf("a/"), "a/x", "objects[0].path")).not.toThrow();
  expect(() => requireGranted(grantOf("a/"), "b/x", "objects[0].path")).toThrow(
    expect.objectContaining({
      code: "forbidden",
      at: "objects[0].path",
      message: 'This token may not read "/b/x"; ask for a token whose prefixes cover it',
    }),
  );
});
