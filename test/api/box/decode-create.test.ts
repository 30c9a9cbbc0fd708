import { describe, expect, test } from "vitest";
import { decodeCreate } from "../../../lambdas/api/box/decode-create.ts";

const objectId = "b6233520-0ab2-465e-b698-c69c7ed53e2a";
const decode = (request: unknown) => decodeCreate(JSON.stringify(request));
const oneItem = (item: unknown) => ({ items: [item] });

describe("an item", () => {
  const newest = { kind: "newest" };
  const at = "items[0].id";

  test.each([
    [
      { type: "file", id: objectId },
      { kind: "id", id: objectId },
    ],
    [
      { type: "file", id: objectId.toUpperCase() },
      { kind: "id", id: objectId },
    ],
    [
      { type: "file", id: `/${objectId}` },
      { kind: "path", key: objectId, choice: newest },
    ],
    [
      { type: "file", id: "a/b.txt" },
      { kind: "path", key: "a/b.txt", choice: newest },
    ],
    [
      { type: "file", id: "//a" },
      { kind: "path", key: "/a", choice: newest },
    ],
    [
      { type: "file", id: "0" },
      { kind: "path", key: "0", choice: newest },
    ],
    [
      { type: "folder", id: "/a/b" },
      { kind: "folder", prefix: "a/b/" },
    ],
    [
      { type: "folder", id: "a/b/" },
      { kind: "folder", prefix: "a/b/" },
    ],
    [
      { type: "folder", id: "/0" },
      { kind: "folder", prefix: "0/" },
    ],
    [
      { type: "folder", id: objectId },
      { kind: "folder", prefix: `${objectId}/` },
    ],
  ])("%j is selected as %j", (item, selection) => {
    expect(decode(oneItem(item))).toEqual({
      items: [item],
      selections: [{ ...selection, at }],
      fileName: undefined,
      wish: { delivery: "auto", compression: "stored" },
    });
  });

  test("selected twice is there twice, as it was asked for", () => {
    const item = { type: "file", id: "/a" };
    const { items, selections } = decode({ items: [item, item] });
    expect(items).toEqual([item, item]);
    expect(selections.map(({ at }) => at)).toEqual(["items[0].id", "items[1].id"]);
  });
});

test.each([
  ["January Financials", "January Financials.zip"],
  ["a.zip", "a.zip"],
  ["a.ZIP", "a.ZIP"],
  ["a.zip.exe", "a.zip.exe.zip"],
  [".zip", ".zip"],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
  ["x".repeat(255), `${"x".repeat(255)}.zip`],
  ["half \ud83d", "half \ufffd.zip"],
])("download_file_name %j saves as %j", (download_file_name, fileName) => {
  expect(decode({ ...oneItem({ type: "file", id: "a" }), download_file_name }).fileName).toBe(fileName);
});

test.each([
  [{ delivery: "stream" }, { delivery: "stream", compression: "stored" }],
  [{ delivery: "assemble" }, { delivery: "assemble", compression: "stored" }],
  [{ compression: "deflate" }, { delivery: "auto", compression: "deflate" }],
])("an archive may be asked to be made so: %j", (keys, wish) => {
  expect(decode({ ...oneItem({ type: "file", id: "a" }), ...keys }).wish).toEqual(wish);
});

test("keys that are not known are let pass, wherever they are", () => {
  const { selections } = decode({
    items: [{ type: "file", id: "/a", name: "a", etag: null }],
    fields: ["x"],
    download_file_name: "b",
  });
  expect(selections).toHaveLength(1);
});

describe("refused", () => {
  const at = (place: string, ...words: string[]) =>
    expect.objectContaining({
      code: "invalid-request",
      at: place,
      message: expect.stringMatching(new RegExp(words.join(".*"))),
    });

  test.each<[unknown, ReturnType<typeof at>]>([
    [null, at("request body", "an object was expected", "null")],
    [[], at("request body", "an object was expected", "a list")],
    [{}, at("items", "a list was expected", "nothing")],
    [{ items: {} }, at("items", "a list was expected", "an object")],
    [{ items: [] }, at("items", "empty")],
    [{ items: ["a"] }, at("items[0]", "an object was expected", "a string")],
    [oneItem({ id: "a" }), at("items[0].type", '"file" or "folder"', "nothing")],
    [oneItem({ type: "web_link", id: "a" }), at("items[0].type", '"file" or "folder"', '"web_link"')],
    [oneItem({ type: "file" }), at("items[0].id", "a string was expected", "nothing")],
    [oneItem({ type: "file", id: 12345 }), at("items[0].id", "a string was expected", "a number")],
    [oneItem({ type: "file", id: "/" }), at("items[0].id", "root")],
    [oneItem({ type: "file", id: "" }), at("items[0].id", "root")],
    [oneItem({ type: "file", id: "\ud800" }), at("items[0].id", "surrogate")],
    [oneItem({ type: "file", id: "x".repeat(1025) }), at("items[0].id", "1025 bytes", "1024")],
    [{ items: [{ type: "file", id: "a" }, { type: "x" }] }, at("items[1].type", "was expected")],
    [
      { ...oneItem({ type: "file", id: "a" }), download_file_name: 7 },
      at("download_file_name", "a string was expected", "a number"),
    ],
    [
      { ...oneItem({ type: "file", id: "a" }), download_file_name: "x".repeat(256) },
      at("download_file_name", "256 characters", "255"),
    ],
    [
      { ...oneItem({ type: "file", id: "a" }), delivery: "direct" },
      at("delivery", '"auto" or "stream" or "assemble"', '"direct"'),
    ],
    [
      { ...oneItem({ type: "file", id: "a" }), compression: "lzma" },
      at("compression", '"stored" or "deflate"', '"lzma"'),
    ],
    [
      { ...oneItem({ type: "file", id: "a" }), delivery: "stream", compression: "deflate" },
      at("delivery", "compressed", "can not be streamed", "length"),
    ],
  ])("%j", (request, problem) => {
    expect(() => decode(request)).toThrow(problem);
  });

  test.each(["0", "/", ""])("the root folder, %j", (id) => {
    expect(() => decode(oneItem({ type: "folder", id }))).toThrow(at("items[0].id", "root folder"));
  });

  test.each(["", "{", "items=1", "\u0000"])("what is no JSON: %j", (body) => {
    expect(() => decodeCreate(body)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });

  test("a body of more than a mebibyte", () => {
    const body = JSON.stringify({ items: [], padding: "x".repeat(1024 * 1024) });
    expect(() => decodeCreate(body)).toThrow(expect.objectContaining({ code: "request-too-large" }));
  });
});
