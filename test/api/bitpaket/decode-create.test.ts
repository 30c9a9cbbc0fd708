import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createRequest } from "../../../lambdas/api/bitpaket/create-request.ts";
import { decodeCreate } from "../../../lambdas/api/bitpaket/decode-create.ts";
import { maxBodyBytes } from "../../../lambdas/api/parse-body.ts";

const uuid = "b6233520-0ab2-465e-b698-c69c7ed53e2a";
const selectionsOf = (body: string) => decodeCreate(body).selections;
const create = (...objects: unknown[]) => JSON.stringify({ objects });

describe("a request that can be understood", () => {
  test("names objects and folders, each at its place", () => {
    const body = create({ path: "/dir/myfile.exe" }, { path: "/dir/myfile2.exe" }, { folder: "/anotherDir" });
    expect(selectionsOf(body)).toEqual([
      { kind: "path", key: "dir/myfile.exe", choice: { kind: "newest" }, at: "objects[0].path" },
      { kind: "path", key: "dir/myfile2.exe", choice: { kind: "newest" }, at: "objects[1].path" },
      { kind: "folder", prefix: "anotherDir/", at: "objects[2].folder" },
    ]);
  });

  test.each([
    ["/a", "a"],
    ["a", "a"],
    ["//a", "/a"],
    ["/a/", "a/"],
    ["/../x", "../x"],
    ["/a//b", "a//b"],
    ["//", "/"],
    ["/ ", " "],
    ["/a%20b", "a%20b"],
    ["/ü/日本/😀", "ü/日本/😀"],
    ["/a\u0000b", "a\u0000b"],
    [`/${"k".repeat(1024)}`, "k".repeat(1024)],
    [`/${"ü".repeat(512)}`, "ü".repeat(512)],
  ])("path %j is key %j: exactly one slash is taken off", (path, key) => {
    expect(selectionsOf(create({ path }))).toEqual([
      { kind: "path", key, choice: { kind: "newest" }, at: "objects[0].path" },
    ]);
  });

  test("names one version of a path by its number or by digits of its revision", () => {
    const body = create(
      { path: "/dir/myfile.exe" },
      { path: "/dir/myfile.exe", version: 5 },
      { path: "/dir/myfile2.exe", revision: "0e4b563b" },
    );
    const at = (index: number, key: string) => `objects[${index}].${key}`;
    expect(selectionsOf(body)).toEqual([
      { kind: "path", key: "dir/myfile.exe", choice: { kind: "newest" }, at: at(0, "path") },
      {
        ...{ kind: "path", key: "dir/myfile.exe", at: at(1, "path") },
        choice: { kind: "version", number: 5, at: at(1, "version") },
      },
      {
        ...{ kind: "path", key: "dir/myfile2.exe", at: at(2, "path") },
        choice: { kind: "revision", revision: "0e4b563b", at: at(2, "revision") },
      },
    ]);
  });

  test("names one version by its id, and a path in the zip for it", () => {
    const body = create({ id: uuid, override: "/my/custom/path/myfile.zip" }, { id: uuid.toUpperCase() });
    expect(selectionsOf(body)).toEqual([
      { kind: "id", id: uuid, override: "my/custom/path/myfile.zip", at: "objects[0].id" },
      { kind: "id", id: uuid, override: undefined, at: "objects[1].id" },
    ]);
  });

  test.each([1, 2, Number.MAX_SAFE_INTEGER])("version %i is one", (version) => {
    expect(selectionsOf(create({ path: "/a", version }))[0]).toMatchObject({ choice: { number: version } });
  });

  test.each(["012345", "0123456789", "0123456789abcdef0123456789abcdef"])(
    "revision %s is one",
    (revision) => {
      expect(selectionsOf(create({ path: "/a", revision }))[0]).toMatchObject({ choice: { revision } });
    },
  );

  test.each([
    ["a", "a"],
    ["/a", "a"],
    ["//a", "/a"],
    ["/../a", "../a"],
    [`/${"k".repeat(1024)}`, "k".repeat(1024)],
  ])("override %j is the name %j, literally", (override, name) => {
    expect(selectionsOf(create({ id: uuid, override }))[0]).toMatchObject({ override: name });
  });

  test.each([
    ["/a", "a/"],
    ["/a/", "a/"],
    ["a/b", "a/b/"],
    ["//", "/"],
    ["//a", "/a/"],
    ["/a//", "a//"],
  ])("folder %j is prefix %j", (folder, prefix) => {
    expect(selectionsOf(create({ folder }))).toEqual([{ kind: "folder", prefix, at: "objects[0].folder" }]);
  });
});

describe("how the archive is to be made", () => {
  const wishOf = (keys: object) => decodeCreate(JSON.stringify({ objects: [{ path: "/a" }], ...keys })).wish;

  test.each([
    [{}, { delivery: "auto", compression: "stored" }],
    [{ delivery: "auto" }, { delivery: "auto", compression: "stored" }],
    [{ delivery: "stream" }, { delivery: "stream", compression: "stored" }],
    [{ delivery: "assemble" }, { delivery: "assemble", compression: "stored" }],
    [
      { delivery: "stream", compression: "stored" },
      { delivery: "stream", compression: "stored" },
    ],
    [{ compression: "deflate" }, { delivery: "auto", compression: "deflate" }],
    [
      { delivery: "assemble", compression: "deflate" },
      { delivery: "assemble", compression: "deflate" },
    ],
  ])("may be asked for: %j", (keys, wish) => {
    expect(wishOf(keys)).toEqual(wish);
  });

  const deliveries = '"auto" or "stream" or "assemble" was expected, not';
  const compressions = '"stored" or "deflate" was expected, not';

  test.each([
    [{ delivery: "presigned" }, "delivery", `${deliveries} "presigned"`],
    [{ delivery: "Stream" }, "delivery", `${deliveries} "Stream"`],
    [{ delivery: null }, "delivery", `${deliveries} null`],
    [{ delivery: ["stream"] }, "delivery", `${deliveries} a list`],
    [{ delivery: "" }, "delivery", `${deliveries} ""`],
    [{ compression: "zstd" }, "compression", `${compressions} "zstd"`],
    [{ compression: true }, "compression", `${compressions} a boolean`],
    [{ compression: 8 }, "compression", `${compressions} 8`],
    [
      { delivery: "stream", compression: "deflate" },
      "delivery",
      'a compressed archive can not be streamed, as its length is not known beforehand; leave "delivery" out, or leave out "compression"',
    ],
  ])("is refused with its place: %j", (keys, at, message) => {
    const body = JSON.stringify({ objects: [{ path: "/a" }], ...keys });
    expect(problemOf(body)).toEqual({ code: "invalid-request", at, message });
  });
});

describe("a request that can not be understood", () => {
  const onlyOne = 'exactly one of "folder", "id" and "path" was expected, and there is';
  const knownKeys =
    'this key is not known here; known: "folder", "id", "path", "override", "version", "revision"';
  const onlyWith = (selector: string, found: string) =>
    `this goes with "${selector}" only, and here is "${found}"`;
  const digits = "6 to 32 hexadecimal digits in lower case were expected, not";
  const aList = "a list of objects and folders was expected, not";
  const anObject = "an object was expected, not";
  const root = "the root folder can not be downloaded; name a folder in it";

  test.each<[string, string | undefined, string]>([
    ["[]", "request body", `${anObject} a list`],
    ["null", "request body", `${anObject} null`],
    ["3", "request body", `${anObject} a number`],
    ['"objects"', "request body", `${anObject} a string`],
    ["true", "request body", `${anObject} a boolean`],
    ["{}", "objects", `${aList} nothing`],
    ['{"objects":null}', "objects", `${aList} null`],
    ['{"objects":{}}', "objects", `${aList} an object`],
    ['{"objects":"/a"}', "objects", `${aList} a string`],
    ['{"objects":[]}', "objects", "the list is empty; name at least one object or folder"],
    [
      '{"objects":[{"path":"/a"}],"name":"x"}',
      "name",
      'this key is not known here; known: "objects", "delivery", "compression"',
    ],
    [
      '{"objects":[{"path":"/a"}],"__proto__":1}',
      "__proto__",
      'this key is not known here; known: "objects", "delivery", "compression"',
    ],
    ['{"Objects":[{"path":"/a"}]}', "objects", `${aList} nothing`],
    [create(null), "objects[0]", `${anObject} null`],
    [create("/a"), "objects[0]", `${anObject} a string`],
    [create([]), "objects[0]", `${anObject} a list`],
    [create({ path: "/a" }, 7), "objects[1]", `${anObject} a number`],
    [create({}), "objects[0]", `${onlyOne} none of them`],
    [create({ path: "/a", folder: "/b" }), "objects[0]", `${onlyOne} folder and path`],
    [create({ path: "/a", id: null }), "objects[0].id", "a string was expected, not null"],
    [create({ path: "/a", id: uuid }), "objects[0]", `${onlyOne} id and path`],
    [create({ path: "/a", folder: "/b", id: uuid }), "objects[0]", `${onlyOne} folder and id and path`],
    [create({ file: "/a" }), "objects[0].file", knownKeys],
    [create({ path: "/a", toString: 1 }), "objects[0].toString", knownKeys],
    ['{"objects":[{"path":"/a","__proto__":{}}]}', "objects[0].__proto__", knownKeys],
    [create({ version: 5 }), "objects[0]", `${onlyOne} none of them`],
    [create({ override: "/a" }), "objects[0]", `${onlyOne} none of them`],
    [create({ path: "/a", override: "/b" }), "objects[0].override", onlyWith("id", "path")],
    [create({ folder: "/a", override: "/b" }), "objects[0].override", onlyWith("id", "folder")],
    [create({ folder: "/a", version: 1 }), "objects[0].version", onlyWith("path", "folder")],
    [create({ folder: "/a", revision: "012345" }), "objects[0].revision", onlyWith("path", "folder")],
    [create({ id: uuid, version: 1 }), "objects[0].version", onlyWith("path", "id")],
    [create({ id: uuid, revision: "012345" }), "objects[0].revision", onlyWith("path", "id")],
    [
      create({ path: "/a", version: 1, revision: "012345" }),
      "objects[0]",
      '"version" and "revision" can not stand together; give one of them',
    ],
    [create({ path: "/a", version: 0 }), "objects[0].version", "at least 1 was expected, not 0"],
    [create({ path: "/a", version: -1 }), "objects[0].version", "at least 1 was expected, not -1"],
    [create({ path: "/a", version: 1.5 }), "objects[0].version", "a whole number was expected, not 1.5"],
    [create({ path: "/a", version: "5" }), "objects[0].version", "a number was expected, not a string"],
    [create({ path: "/a", version: null }), "objects[0].version", "a number was expected, not null"],
    [create({ path: "/a", version: [1] }), "objects[0].version", "a number was expected, not a list"],
    [create({ path: "/a", revision: "" }), "objects[0].revision", `${digits} ""`],
    [create({ path: "/a", revision: "01234" }), "objects[0].revision", `${digits} "01234"`],
    [create({ path: "/a", revision: "0E4B563B" }), "objects[0].revision", `${digits} "0E4B563B"`],
    [create({ path: "/a", revision: "0e4b563g" }), "objects[0].revision", `${digits} "0e4b563g"`],
    [create({ path: "/a", revision: "0e4b563b\n" }), "objects[0].revision", `${digits} "0e4b563b\\n"`],
    [
      create({ path: "/a", revision: "0".repeat(33) }),
      "objects[0].revision",
      `${digits} "${"0".repeat(33)}"`,
    ],
    [
      create({ path: "/a", revision: 12345678 }),
      "objects[0].revision",
      "a string was expected, not a number",
    ],
    [create({ id: uuid, override: 1 }), "objects[0].override", "a string was expected, not a number"],
    [
      create({ id: uuid, override: "" }),
      "objects[0].override",
      "an object's path was expected, and this is the root",
    ],
    [
      create({ id: uuid, override: "/" }),
      "objects[0].override",
      "an object's path was expected, and this is the root",
    ],
    [
      create({ id: uuid, override: "/a/" }),
      "objects[0].override",
      'the path of a file was expected, and this one ends in "/"',
    ],
    [
      create({ id: uuid, override: "k".repeat(1025) }),
      "objects[0].override",
      "1025 bytes are too many: a path has at most 1024",
    ],
    [
      create({ id: uuid, override: "\ud800" }),
      "objects[0].override",
      "the text has half a surrogate pair, which is no character",
    ],
    [create({ path: null }), "objects[0].path", "a string was expected, not null"],
    [create({ path: 1 }), "objects[0].path", "a string was expected, not a number"],
    [create({ path: ["/a"] }), "objects[0].path", "a string was expected, not a list"],
    [create({ folder: {} }), "objects[0].folder", "a string was expected, not an object"],
    [create({ folder: true }), "objects[0].folder", "a string was expected, not a boolean"],
    [create({ path: "" }), "objects[0].path", "an object's path was expected, and this is the root"],
    [create({ path: "/" }), "objects[0].path", "an object's path was expected, and this is the root"],
    [create({ folder: "" }), "objects[0].folder", root],
    [create({ folder: "/" }), "objects[0].folder", root],
    [
      create({ path: `/${"k".repeat(1025)}` }),
      "objects[0].path",
      "1025 bytes are too many: a path has at most 1024",
    ],
    [
      create({ folder: "ü".repeat(513) }),
      "objects[0].folder",
      "1026 bytes are too many: a path has at most 1024",
    ],
    [
      create({ path: "/\ud800" }),
      "objects[0].path",
      "the text has half a surrogate pair, which is no character",
    ],
    [
      create({ folder: "/\udc00x" }),
      "objects[0].folder",
      "the text has half a surrogate pair, which is no character",
    ],
    [create({ id: "12" }), "objects[0].id", 'a UUID of version 4 was expected, not "12"'],
    [
      create({ id: uuid.replace("-4", "-1") }),
      "objects[0].id",
      `a UUID of version 4 was expected, not "${uuid.replace("-4", "-1")}"`,
    ],
    [create({ id: 5 }), "objects[0].id", "a string was expected, not a number"],
  ])("%s: %s", (body, at, message) => {
    expect(problemOf(body)).toEqual({ code: "invalid-request", at, message });
  });

  test.each([
    "",
    "{",
    "objects",
    '{"objects":[{"path":"/a"}]',
    "{'objects':[]}",
    '\ufeff{"objects":[{"path":"/a"}]}',
  ])("%j is not JSON", (body) => {
    const { code, at, message } = problemOf(body);
    expect({ code, at }).toEqual({ code: "invalid-request", at: undefined });
    expect(message).toMatch(/^The request body is not JSON/);
  });

  test("the first of several mistakes is named", () => {
    expect(problemOf(create({ path: "/a" }, { path: 1 }, {})).at).toBe("objects[1].path");
  });

  test("nesting as deep as a body can have is refused like any other", () => {
    const depth = maxBodyBytes / 2 - 20;
    expect(problemOf(`{"objects":[${"[".repeat(depth)}${"]".repeat(depth)}]}`).at).toBe("objects[0]");
  });
});

describe("the length of a body", () => {
  const bodyOf = (bytes: number, filler: string) => {
    const start = '{"objects":[{"path":"/a"}]}';
    return start + filler.repeat(bytes - start.length);
  };

  test("may be exactly 1 MiB", () => {
    expect(selectionsOf(bodyOf(1_048_576, " "))).toHaveLength(1);
  });

  test("may not be a byte more", () => {
    expect(problemOf(bodyOf(1_048_577, " "))).toEqual({
      code: "request-too-large",
      at: undefined,
      message: "The request body has 1048577 bytes; 1048576 are the most it may have",
    });
  });

  test("is counted in bytes, not in letters", () => {
    expect(problemOf(JSON.stringify({ objects: ["ü".repeat(600_000)] })).code).toBe("request-too-large");
  });
});

test("30,000 items, as many as a body has room for, are decoded", () => {
  const body = create(
    ...Array.from({ length: 30_000 }, (_, index) => ({ path: `/d/${index}`, version: 1 + (index % 9) })),
  );
  expect(body.length).toBeGreaterThan(900_000);
  expect(selectionsOf(body)).toHaveLength(30_000);
});

test("the schema says in JSON Schema which keys go together, and which do not", () => {
  const { $defs } = z
    .object({ $defs: z.record(z.string(), z.unknown()) })
    .parse(z.toJSONSchema(createRequest));
  expect($defs.CreateRequest).toMatchObject({
    not: {
      properties: { delivery: { const: "stream" }, compression: { const: "deflate" } },
      required: ["delivery", "compression"],
    },
  });
  expect($defs.CreateItem).toMatchObject({
    additionalProperties: false,
    oneOf: [{ required: ["folder"] }, { required: ["id"] }, { required: ["path"] }],
    dependentRequired: { override: ["id"], version: ["path"], revision: ["path"] },
  });
});

function problemOf(body: string): { code: unknown; at: unknown; message: string } {
  try {
    decodeCreate(body);
  } catch (error) {
    if (error instanceof Error && "code" in error && "at" in error) {
      return { code: error.code, at: error.at, message: error.message };
    }
    throw error;
  }
  throw new Error(`${body.slice(0, 100)} was understood`);
}
