import { describe, expect, test } from "vitest";
import { decodeCreate, maxBodyBytes } from "../../../lambdas/api/bitpaket/decode-create.ts";

const uuid = "b6233520-0ab2-465e-b698-c69c7ed53e2a";
const create = (...objects: unknown[]) => JSON.stringify({ objects });

describe("a request that can be understood", () => {
  test("names objects and folders, each at its place", () => {
    const body = create({ path: "/dir/myfile.exe" }, { path: "/dir/myfile2.exe" }, { folder: "/anotherDir" });
    expect(decodeCreate(body)).toEqual([
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
    expect(decodeCreate(create({ path }))).toEqual([
      { kind: "path", key, choice: { kind: "newest" }, at: "objects[0].path" },
    ]);
  });

  test.each([
    ["/a", "a/"],
    ["/a/", "a/"],
    ["a/b", "a/b/"],
    ["//", "/"],
    ["//a", "/a/"],
    ["/a//", "a//"],
  ])("folder %j is prefix %j", (folder, prefix) => {
    expect(decodeCreate(create({ folder }))).toEqual([{ kind: "folder", prefix, at: "objects[0].folder" }]);
  });
});

describe("a request that can not be understood", () => {
  const onlyOne = 'exactly one of "folder", "id" and "path" was expected, and there is';
  const knownKeys = 'this key is not known here; known: "folder", "id", "path"';
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
    ['{"objects":[{"path":"/a"}],"name":"x"}', "name", 'this key is not known here; known: "objects"'],
    [
      '{"objects":[{"path":"/a"}],"__proto__":1}',
      "__proto__",
      'this key is not known here; known: "objects"',
    ],
    ['{"Objects":[{"path":"/a"}]}', "Objects", 'this key is not known here; known: "objects"'],
    [create(null), "objects[0]", `${anObject} null`],
    [create("/a"), "objects[0]", `${anObject} a string`],
    [create([]), "objects[0]", `${anObject} a list`],
    [create({ path: "/a" }, 7), "objects[1]", `${anObject} a number`],
    [create({}), "objects[0]", `${onlyOne} none of them`],
    [create({ path: "/a", folder: "/b" }), "objects[0]", `${onlyOne} folder and path`],
    [create({ path: "/a", id: null }), "objects[0]", `${onlyOne} id and path`],
    [create({ path: "/a", folder: "/b", id: uuid }), "objects[0]", `${onlyOne} folder and id and path`],
    [create({ file: "/a" }), "objects[0].file", knownKeys],
    [create({ path: "/a", toString: 1 }), "objects[0].toString", knownKeys],
    ['{"objects":[{"path":"/a","__proto__":{}}]}', "objects[0].__proto__", knownKeys],
    [create({ path: "/a", version: 5 }), "objects[0].version", knownKeys],
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

  test("an object's id is found nowhere yet", () => {
    const message = `There is no object with the id ${uuid}`;
    expect(problemOf(create({ id: uuid }))).toEqual({
      code: "source-not-found",
      at: "objects[0].id",
      message,
    });
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
    expect(decodeCreate(bodyOf(1_048_576, " "))).toHaveLength(1);
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
