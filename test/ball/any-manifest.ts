import fc from "fast-check";
import type { ManifestEntry } from "../../lambdas/ball/manifest.ts";
import type { Pin } from "../../lambdas/ball/pin.ts";

/** Keys that share much, little and nothing with each other; of all characters, up to 1,024 bytes. */
const anyKey = fc.oneof(
  fc.constantFrom(
    "a",
    "a/",
    "a/b",
    "a//b",
    "../x",
    " ",
    "\u0000",
    "%2F",
    "ü/日本/😀",
    "k".repeat(1024),
    "é",
    "e\u0301",
  ),
  fc
    .array(fc.constantFrom("a", "b", "folder", "/", "😀", "ü"), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
);

const md5 = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 32, maxLength: 32 });

export const anyPin: fc.Arbitrary<Pin> = fc.oneof(
  md5.map((digest) => ({ kind: "etag", etag: `"${digest}"` }) as const),
  fc
    .tuple(
      md5,
      fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(0, 65_535, 65_536, 99_999, 100_000)),
    )
    .map(([digest, parts]) => ({ kind: "etag", etag: `"${digest}-${parts}"` }) as const),
  fc
    .constantFrom(
      '""',
      '"x"',
      `"${"A".repeat(32)}"`,
      `"${"a".repeat(31)}"`,
      `"${"a".repeat(32)}-01"`,
      "unquoted",
      'W/"x"',
    )
    .map((etag) => ({ kind: "etag", etag }) as const),
  fc
    .oneof(
      md5.map((digest) => `"${digest}"`),
      fc.constantFrom('"x"', `"${"a".repeat(32)}-3"`),
    )
    .map((etag) => ({ kind: "null-version", etag }) as const),
  fc
    .oneof(
      fc.constantFrom("null", "", "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo"),
      fc.base64String(),
    )
    .map((versionId) => ({ kind: "version", versionId }) as const),
);

/** A name that is the end of its key, in bytes or only nearly, or another one. */
const anyNameOf = (key: string) =>
  fc.oneof(
    fc.constant(key),
    fc.nat([...key].length - 1).map((from) => [...key].slice(from).join("")),
    fc.constantFrom(`${key}x`, `x${key}`, `${key} (2)`, "other", "n".repeat(3000)),
  );

const anyEntry: fc.Arbitrary<ManifestEntry> = anyKey.chain((key) =>
  fc.record({
    key: fc.constant(key),
    name: anyNameOf(key),
    pin: anyPin,
    sizeBytes: fc.oneof(fc.nat(1000), fc.maxSafeNat()),
    mtimeEpochSeconds: fc.oneof(fc.nat(2_000_000_000), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
  }),
);

export const anyEntries = fc.array(anyEntry, { minLength: 1, maxLength: 30 });
