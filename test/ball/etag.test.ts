import { expect, test } from "vitest";
import { encodeManifest } from "../../lambdas/ball/encode-manifest.ts";
import { etagOf } from "../../lambdas/ball/etag.ts";
import { Manifest, type ManifestEntry } from "../../lambdas/ball/manifest.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { freeze } from "../support/manifests.ts";

const md5 = "d41d8cd98f00b204e9800998ecf8427e";
const one: ManifestEntry = {
  key: "f/one",
  name: "one",
  pin: { kind: "etag", etag: `"${md5}"` },
  sizeBytes: 10,
  mtimeEpochSeconds: 1_700_000_000,
};
const two: ManifestEntry = { ...one, key: "f/two", name: "two" };
const etagOfEntries = (entries: ManifestEntry[], bucket?: string) =>
  etagOf(encodeManifest(freeze(entries, bucket)));
const etag = etagOfEntries([one, two]);

test("it is a strong entity tag", () => {
  expect(etag).toMatch(/^"[A-Za-z0-9_-]{32}"$/);
});

test("it is the same for the same manifest, for ever", () => {
  expect(etagOfEntries([{ ...one }, { ...two }])).toBe(etag);
  // Written down, so that a release that would break a download begun before it fails here.
  expect(etag).toBe('"g3WTZGMiC6fBcvN612bijZyIMtDEoPx3"');
});

test.each<[string, string]>([
  ["size", etagOfEntries([{ ...one, sizeBytes: 11 }, two])],
  ["time", etagOfEntries([{ ...one, mtimeEpochSeconds: 1_700_000_001 }, two])],
  ["name", etagOfEntries([{ ...one, name: "f/one" }, two])],
  ["name that is not of the key", etagOfEntries([{ ...one, name: "other" }, two])],
  ["key under the same name", etagOfEntries([{ ...one, key: "g/one" }, two])],
  ["ETag", etagOfEntries([{ ...one, pin: { kind: "etag", etag: `"${md5.replace("d", "e")}"` } }, two])],
  ["number of parts", etagOfEntries([{ ...one, pin: { kind: "etag", etag: `"${md5}-2"` } }, two])],
  ["kind of pin", etagOfEntries([{ ...one, pin: { kind: "version", versionId: `"${md5}"` } }, two])],
  ["order", etagOfEntries([two, one])],
  ["number of entries", etagOfEntries([one])],
  ["bucket", etagOfEntries([one, two], "another")],
  [
    "writer version",
    etagOf(encodeManifest(Manifest.freeze({ writerVersion: 2, bucket: "photos", entries: [one, two] }))),
  ],
  ["plan of the ball", etagOf(encodeManifest(freeze([one, two]).ofPlan(1)))],
])("another %s is another entity tag", (_name, other) => {
  expect(other).not.toBe(etag);
});

test("neither it nor the length knows of CRC-32s", () => {
  // A manifest has nowhere to say them; here it would show if it came to have.
  const withCrc32 = { ...one, crc32: 123 };
  expect(etagOfEntries([withCrc32, two])).toBe(etag);
  expect(planLayout(freeze([withCrc32, two])).lengthBytes).toBe(planLayout(freeze([one, two])).lengthBytes);
});
