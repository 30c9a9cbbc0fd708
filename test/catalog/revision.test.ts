import fc from "fast-check";
import { expect, test } from "vitest";
import { hasRevision, revisionOf } from "../../lambdas/catalog/revision.ts";

const tagged = (etag: string) => ({ etag: `"${etag}"` });
const long = "0123456789abcdef0123456789abcdef";

test.each([
  ["an MD5", long, [], "0123456789"],
  ["a multipart upload's ETag", `${long}-17`, [], "0123456789"],
  ["capitals", long.toUpperCase(), [], "0123456789"],
  ["an ETag that is no digest", "abc-xyz", [], "abc"],
  ["an ETag without any digit", "xyz", [], ""],
  ["another that has 9 digits in common", long, ["012345678fffffff"], "0123456789"],
  ["another that has 10 digits in common", long, ["0123456789ffffff"], "0123456789a"],
  ["others that have 6, 12 and 31", long, ["012345ff", "0123456789abff", long.replace(/.$/, "0")], long],
  ["the same ETag, once more", long, [long], "0123456789"],
  ["a longer one that begins with it", "0123456789ab", ["0123456789abc"], "0123456789ab"],
])("the revision of %s", (_, etag, others, revision) => {
  const siblings = [etag, ...others].map(tagged);
  expect(revisionOf(tagged(etag), siblings)).toBe(revision);
});

test("a revision means its own version and none that has another ETag", () => {
  // Few digits, so that many begin alike.
  const etag = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 16, maxLength: 16 }).map(tagged);
  fc.assert(
    fc.property(fc.array(etag, { minLength: 1, maxLength: 12 }), (siblings) => {
      for (const version of siblings) {
        const revision = revisionOf(version, siblings);
        const meant = siblings.filter((sibling) => hasRevision(sibling, revision));
        expect(new Set(meant.map((one) => one.etag))).toEqual(new Set([version.etag]));
      }
    }),
  );
});
