import { describe, expect, test } from "vitest";
import { decodeMetadata, decodeObjectId } from "../../../lambdas/api/bitpaket/decode-metadata.ts";
import { encodeObject, encodeObjects, mostVersions } from "../../../lambdas/api/bitpaket/encode-metadata.ts";
import { objectAnswer, objectsAnswer } from "../../../lambdas/api/bitpaket/schemas.ts";
import type { DescribedVersion } from "../../../lambdas/catalog/describe-versions.ts";
import type { CatalogedVersion } from "../../../lambdas/catalog/object-version.ts";

const id = "b6233520-0ab2-465e-b698-c69c7ed53e2a";

function described(
  version: Partial<CatalogedVersion> = {},
  more: Partial<DescribedVersion> = {},
): DescribedVersion {
  return {
    version: {
      id,
      number: 5,
      bucket: "photos",
      key: "dir/myfile.exe",
      versionId: "v5",
      etag: '"0e4b563b6ce1d2f0c4d2a3b1e5f60718"',
      sizeBytes: 19_256,
      mtimeEpochSeconds: 1_531_048_751,
      ...version,
    },
    shownNumber: 5,
    revision: "0e4b563b6c",
    crc32: 0x0000_00ff,
    ...more,
  };
}

const propertiesOf = (version: DescribedVersion) => JSON.parse(encodeObject(version)).data.properties;

describe("a described version", () => {
  test("is answered as BitPaket documents it", () => {
    expect(JSON.parse(encodeObject(described()))).toEqual({
      success: true,
      data: {
        object_id: id,
        path: "/dir/myfile.exe",
        properties: {
          name: "myfile.exe",
          size: 19_256,
          size_pretty: "18.8 KB",
          hash: "0e4b563b6ce1d2f0c4d2a3b1e5f60718",
          hash_type: "MD5",
          crc32: "000000ff",
          is_versioned: true,
          version: 5,
          revision: "0e4b563b6c",
          created_on: "2018-07-08T11:19:11Z",
          updated_on: "2018-07-08T11:19:11Z",
          created_on_ts: 1_531_048_751,
          updated_on_ts: 1_531_048_751,
        },
      },
    });
  });

  test.each([
    [0, "0 B"],
    [234, "234 B"],
    [1023, "1023 B"],
    [1024, "1.0 KB"],
    [19_256, "18.8 KB"],
    [1024 ** 2 - 52, "1023.9 KB"],
    [1024 ** 2 - 51, "1.0 MB"],
    [1024 ** 2, "1.0 MB"],
    [1024 ** 3 - 1, "1.0 GB"],
    [1024 ** 4 - 1, "1.0 TB"],
    [50 * 1024 ** 4, "50.0 TB"],
    [5000 * 1024 ** 4, "5000.0 TB"],
  ])("of %i bytes is shown as %s", (sizeBytes, pretty) => {
    expect(propertiesOf(described({ sizeBytes }))).toMatchObject({ size: sizeBytes, size_pretty: pretty });
  });

  test.each([
    ['"0e4b563b6ce1d2f0c4d2a3b1e5f60718"', "0e4b563b6ce1d2f0c4d2a3b1e5f60718", "MD5"],
    ['"0e4b563b6ce1d2f0c4d2a3b1e5f60718-12"', "0e4b563b6ce1d2f0c4d2a3b1e5f60718-12", "ETAG"],
    ['"own"', "own", "ETAG"],
    ["bare", "bare", "ETAG"],
  ])("with the ETag %s has the hash %s, %s", (etag, hash, type) => {
    expect(propertiesOf(described({ etag }))).toMatchObject({ hash, hash_type: type });
  });

  test.each([
    ["a", "a"],
    ["a/b.tar.gz", "b.tar.gz"],
    ["folder/marker/", "marker"],
    ["a//", "a"],
    ["//", "//"],
  ])("of the key %j is called %j", (key, name) => {
    const answer = JSON.parse(encodeObject(described({ key }))).data;
    expect([answer.path, answer.properties.name]).toEqual([`/${key}`, name]);
  });

  test.each([
    [undefined, null],
    [0, "00000000"],
    [0xffff_ffff, "ffffffff"],
  ])("with the CRC-32 %o tells %o", (crc32, told) => {
    expect(propertiesOf(described({}, { crc32 }))).toMatchObject({ crc32: told });
  });

  test("in a bucket without versions has none", () => {
    const unversioned = described({ versionId: undefined }, { shownNumber: null });
    expect(propertiesOf(unversioned)).toMatchObject({ is_versioned: false, version: null });
  });

  test("has the form that the API's description tells", () => {
    const one = JSON.parse(encodeObject(described({}, { crc32: undefined, shownNumber: null })));
    expect(objectAnswer.parse(one)).toEqual(one);
    const several = JSON.parse(encodeObjects({ versions: [described(), described()], hasOlder: true }));
    expect(objectsAnswer.parse(several)).toEqual(several);
    expect(several.data.truncated).toBe(true);
  });
});

test("the longest answer fits into what Lambda answers", () => {
  const worst = described(
    { key: "\u0001".repeat(1024), sizeBytes: 50 * 1024 ** 4, number: 1_000_000_000 },
    { revision: "0e4b563b6ce1d2f0c4d2a3b1e5f60718", shownNumber: 1_000_000_000 },
  );
  const body = encodeObjects({ versions: Array.from({ length: mostVersions }, () => worst), hasOlder: true });
  expect(Buffer.byteLength(JSON.stringify({ statusCode: 200, headers: {}, body }))).toBeLessThan(
    6 * 1024 ** 2,
  );
});

describe("a request for metadata", () => {
  test.each([
    ['{"path":"/dir/a.txt"}', { key: "dir/a.txt", before: undefined }],
    ['{"path":"dir/a.txt"}', { key: "dir/a.txt", before: undefined }],
    ['{"path":"//a"}', { key: "/a", before: undefined }],
    ['{"path":"/dir/"}', { key: "dir/", before: undefined }],
    ['{"path":"/a","before":1}', { key: "a", before: 1 }],
  ])("%s names a key", (body, asked) => {
    expect(decodeMetadata(body)).toEqual(asked);
  });

  test.each([
    ["", "The request body is not JSON"],
    ["[]", "an object was expected, not a list"],
    ["{}", "a string was expected, not nothing"],
    ['{"path":7}', "a string was expected, not a number"],
    ['{"path":"/"}', "this is the root"],
    ['{"path":""}', "this is the root"],
    [`{"path":"/${"é".repeat(513)}"}`, "1026 bytes are too many"],
    ['{"path":"/\\ud800"}', "half a surrogate pair"],
    ['{"path":"/a","before":0}', "at least 1"],
    ['{"path":"/a","before":2.5}', "whole number"],
    ['{"path":"/a","before":"2"}', "not a string"],
    ['{"path":"/a","version":2}', "this key is not known here"],
    ['{"path":"/a","__proto__":2}', "this key is not known here"],
  ])("%s is refused: %s", (body, message) => {
    expect(() => decodeMetadata(body)).toThrow(
      expect.objectContaining({ code: "invalid-request", message: expect.stringContaining(message) }),
    );
  });
});

describe("an object id", () => {
  test("is a UUID of version 4 in either case", () => {
    expect(decodeObjectId(id)).toBe(id);
    expect(decodeObjectId(id.toUpperCase())).toBe(id);
  });

  test.each([undefined, "", "7", `${id}.zip`, `{${id}}`, id.replaceAll("-", ""), id.replace("-4", "-1")])(
    "is not %j",
    (segment) => {
      expect(() => decodeObjectId(segment)).toThrow(
        expect.objectContaining({ code: "invalid-request", at: "id" }),
      );
    },
  );
});
