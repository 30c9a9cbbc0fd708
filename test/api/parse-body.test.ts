import { expect, test } from "vitest";
import { z } from "zod";
import { parseBody } from "../../lambdas/api/parse-body.ts";

const schema = z.strictObject({
  text: z.string().max(3).optional(),
  kind: z.enum(["one", "other"]).optional(),
  count: z.int().min(2).max(4).optional(),
  list: z
    .array(z.strictObject({ id: z.string() }))
    .min(1)
    .optional(),
});

test.each([
  ["{}", {}],
  ['{"text":"abc","count":2}', { text: "abc", count: 2 }],
])("%s is taken", (body, parsed) => {
  expect(parseBody(schema, body)).toEqual(parsed);
});

test.each([
  ["null", "request body", "an object was expected, not null"],
  ["[]", "request body", "an object was expected, not a list"],
  ['{"text":1}', "text", "a string was expected, not a number"],
  ['{"text":"abcd"}', "text", "4 characters are too many: at most 3 are allowed"],
  ['{"kind":"third"}', "kind", '"one" or "other" was expected, not "third"'],
  ['{"kind":[]}', "kind", '"one" or "other" was expected, not a list'],
  ['{"count":1.5}', "count", "a whole number was expected, not 1.5"],
  ['{"count":1}', "count", "at least 2 was expected, not 1"],
  ['{"count":5}', "count", "at most 4 was expected, not 5"],
  ['{"count":1e400}', "count", "a number was expected, not one out of all bounds"],
  ['{"list":[]}', "list", "the list is empty"],
  ['{"list":[{"id":"a"},{"id":true}]}', "list[1].id", "a string was expected, not a boolean"],
  ['{"list":[{}]}', "list[0].id", "a string was expected, not nothing"],
  ['{"list":[{"id":"a","name":"b"}]}', "list[0].name", "this key is not known here"],
  ['{"__proto__":1}', "__proto__", "this key is not known here"],
])("%s is refused: %s: %s", (body, at, message) => {
  const refused = expect.objectContaining({ code: "invalid-request", at, message });
  expect(() => parseBody(schema, body)).toThrow(refused);
});

test("of a long text that is refused, value or key, a message has the beginning", () => {
  const long = "\u0001".repeat(100_000);
  const beginning = `"${"\\u0001".repeat(100)}…"`;
  expect(() => parseBody(schema, JSON.stringify({ kind: long }))).toThrow(
    expect.objectContaining({ message: `"one" or "other" was expected, not ${beginning}` }),
  );
  expect(() => parseBody(schema, JSON.stringify({ list: [{ id: "a", [long]: 1 }] }))).toThrow(
    expect.objectContaining({ at: `list[0][${beginning}]` }),
  );
});

test.each(["", "{", "a=b"])("%j is no JSON", (body) => {
  const refused = expect.objectContaining({
    code: "invalid-request",
    message: expect.stringMatching("not JSON"),
  });
  expect(() => parseBody(schema, body)).toThrow(refused);
});

test("a body may have a mebibyte and no more", () => {
  const body = `{"text":"abc"}`.padEnd(1024 * 1024);
  expect(parseBody(schema, body)).toEqual({ text: "abc" });
  expect(() => parseBody(schema, `${body} `)).toThrow(
    expect.objectContaining({ code: "request-too-large", message: expect.stringMatching("1048577") }),
  );
});
