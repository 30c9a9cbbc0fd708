import { beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../lambdas/ball/grant.ts";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import {
  type DescriptionContext,
  describeId,
  describePath,
} from "../../lambdas/catalog/describe-versions.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { MemoryCatalogStore, MemoryVersions } from "./memory-catalog.ts";

const grant: Grant = { tokenId: "token-1", bucket: "photos", prefixes: ["2026/"], requestsPerMinute: 600 };
const key = "2026/a.jpg";

let s3: MemoryVersions;
let contents: MemoryContents;
let context: DescriptionContext;
beforeEach(() => {
  s3 = new MemoryVersions();
  contents = new MemoryContents();
  context = { catalog: createCatalog({ store: new MemoryCatalogStore(), lister: s3 }), contents };
});

const mostVersions = 3;
const describeKey = (before?: number) => describePath(context, grant, { key, before, mostVersions });
const idOf = async (index: number) => (await describeKey()).versions[index]?.version.id ?? "";

describe("a path", () => {
  test("is told in S3's order on page after page, also where a version was uploaded once more", async () => {
    const again = { etag: '"aaaaaaaaaa"', keepsVersion: false };
    s3.upload(key, again);
    for (let upload = 2; upload <= 4; upload += 1) s3.upload(key);
    await describeKey();
    // Versions are suspended for a while.
    s3.upload(key, again);
    for (let upload = 5; upload <= 6; upload += 1) s3.upload(key);
    const pages = async (before?: number): Promise<(number | null)[][]> => {
      const { versions, hasOlder } = await describeKey(before);
      const numbers = versions.map(({ shownNumber }) => shownNumber);
      return [numbers, ...(hasOlder ? await pages(numbers.at(-1) ?? undefined) : [])];
    };
    expect(await pages()).toEqual([
      [6, 5, 1],
      [4, 3, 2],
    ]);
  });

  test("goes on behind a version that is gone by now", async () => {
    const uploads = Array.from({ length: 6 }, () => s3.upload(key));
    await describeKey();
    if (uploads[3] !== undefined) s3.remove(uploads[3]);
    expect((await describeKey(4)).versions.map(({ shownNumber }) => shownNumber)).toEqual([3, 2, 1]);
  });

  test("is told version by version, the newest first", async () => {
    for (let upload = 1; upload <= 3; upload += 1) s3.upload(key);
    const { versions, hasOlder } = await describeKey();
    expect(versions.map(({ shownNumber }) => shownNumber)).toEqual([3, 2, 1]);
    expect(versions.map(({ version }) => version.versionId)).toEqual(["v3", "v2", "v1"]);
    expect(hasOlder).toBe(false);
  });

  test("is told without the versions that S3 has no more, whose numbers stay theirs", async () => {
    const uploads = [1, 2, 3].map(() => s3.upload(key));
    await describeKey();
    if (uploads[1] !== undefined) s3.remove(uploads[1]);
    expect((await describeKey()).versions.map(({ shownNumber }) => shownNumber)).toEqual([3, 1]);
  });

  test("without versions has no number", async () => {
    s3.upload(key, { keepsVersion: false });
    expect((await describeKey()).versions).toMatchObject([{ shownNumber: null }]);
  });

  test.each([
    [mostVersions, false],
    [mostVersions + 1, true],
  ])("of %i versions is told in one answer, and that there are older ones: %s", async (count, hasOlder) => {
    for (let upload = 1; upload <= count; upload += 1) s3.upload(key);
    const first = await describeKey();
    expect(first.versions).toHaveLength(mostVersions);
    expect(first.hasOlder).toBe(hasOlder);
    const oldest = first.versions.at(-1)?.shownNumber ?? undefined;
    const rest = await describeKey(oldest);
    expect(rest.versions.map(({ shownNumber }) => shownNumber)).toEqual(hasOlder ? [1] : []);
    expect(rest.hasOlder).toBe(false);
  });

  test("has revisions that tell its versions from each other, those of other pages too", async () => {
    s3.upload(key, { etag: `"${"a".repeat(11)}0${"0".repeat(20)}"` });
    s3.upload(key, { etag: `"${"a".repeat(11)}1${"0".repeat(20)}"` });
    const revisions = async (before?: number) =>
      (await describeKey(before)).versions.map(({ revision }) => revision);
    expect(await revisions()).toEqual(["aaaaaaaaaaa1", "aaaaaaaaaaa0"]);
    expect(await revisions(2)).toEqual(["aaaaaaaaaaa0"]);
  });

  test("that is not there is not found", async () => {
    await expect(describeKey()).rejects.toMatchObject({ code: "source-not-found", at: "path" });
  });

  test("outside the token's prefixes is refused before anyone looks whether it is there", async () => {
    s3.upload("2025/a.jpg");
    const refused = describePath(context, grant, { key: "2025/a.jpg", before: undefined, mostVersions });
    await expect(refused).rejects.toMatchObject({ code: "forbidden", at: "path" });
    expect(s3.listings).toBe(0);
  });
});

describe("the CRC-32 of a version", () => {
  test("is that which was learned of the version, or of its ETag, and is asked for all at once", async () => {
    const [first, second, third] = [1, 2, 3].map(() => s3.upload(key));
    await contents.keep("photos", [
      { key, pin: { kind: "version", versionId: first?.versionId ?? "" }, crc32: 1 },
      { key, pin: { kind: "etag", etag: second?.etag ?? "" }, crc32: 0 },
      { key: "2026/other.jpg", pin: { kind: "etag", etag: third?.etag ?? "" }, crc32: 3 },
    ]);
    let calls = 0;
    contents.beforeCall = () => {
      calls += 1;
    };
    expect((await describeKey()).versions.map(({ crc32 }) => crc32)).toEqual([undefined, 0, 1]);
    expect(calls).toBe(1);
  });
});

describe("an id", () => {
  test("is told as the path's list tells it", async () => {
    for (let upload = 1; upload <= 3; upload += 1) s3.upload(key);
    const { versions } = await describeKey();
    for (const described of versions)
      expect(await describeId(context, grant, described.version.id)).toEqual(described);
  });

  test("of a version that S3 has no more is a version that is not found", async () => {
    const upload = s3.upload(key);
    s3.upload(key);
    const id = await idOf(1);
    s3.remove(upload);
    await expect(describeId(context, grant, id)).rejects.toMatchObject({
      code: "version-not-found",
      at: "id",
    });
  });

  test.each([
    ["another bucket", { ...grant, bucket: "videos" }],
    ["outside the prefixes", { ...grant, prefixes: ["2025/"] }],
  ])("of %s is as unknown as one that was never given", async (_where, other) => {
    s3.upload(key);
    const id = await idOf(0);
    const never = "00000000-0000-4000-8000-000000000000";
    const failures = [id, never].map(async (each) => {
      const error: unknown = await describeId(context, other, each).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "source-not-found", at: "id" });
      return `${error}`.replace(each, "");
    });
    const [first, second] = await Promise.all(failures);
    expect(first).toBe(second);
  });
});
