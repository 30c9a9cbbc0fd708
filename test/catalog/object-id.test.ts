import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { objectIdOf } from "../../lambdas/catalog/object-id.ts";

const version = { key: "dir/a.txt", versionId: "v1", etag: '"e1"' };

test("an id is a UUIDv4", () => {
  const part = fc.string();
  fc.assert(
    fc.property(part, part, fc.option(part, { nil: undefined }), part, (bucket, key, versionId, etag) => {
      const id = objectIdOf(bucket, { key, versionId, etag });
      expect(z.uuidv4().safeParse(id).success).toBe(true);
    }),
  );
});

test("an id is the same whenever and wherever it is computed", () => {
  // As Python computes it: hashlib.sha256 of json.dumps(["photos", "dir/a.txt", "v1"], separators=(",", ":")).
  expect(objectIdOf("photos", version)).toBe("c4ce85cb-de8c-4f2c-a670-9f8d27bf881d");
});

test("a version id tells versions apart, and then their ETag does not matter", () => {
  const id = objectIdOf("photos", version);
  expect(objectIdOf("photos", { ...version, etag: '"e2"' })).toBe(id);
  expect(objectIdOf("photos", { ...version, versionId: "v2" })).not.toBe(id);
});

test("without a version id the ETag does", () => {
  const unversioned = { ...version, versionId: undefined };
  const id = objectIdOf("photos", unversioned);
  expect(objectIdOf("photos", unversioned)).toBe(id);
  expect(objectIdOf("photos", { ...unversioned, etag: '"e2"' })).not.toBe(id);
});

test.each([
  ["another bucket", () => objectIdOf("photo", { ...version, key: "s/dir/a.txt" })],
  ["another key", () => objectIdOf("photos", { ...version, key: "dir/A.txt" })],
  [
    "an ETag that looks like the version id",
    () => objectIdOf("photos", { ...version, versionId: undefined, etag: "v1" }),
  ],
  ["a key with the end of another's", () => objectIdOf("photos", { ...version, key: 'dir/a.txt","v1' })],
])("%s: another id", (_, other) => {
  expect(other()).not.toBe(objectIdOf("photos", version));
});
