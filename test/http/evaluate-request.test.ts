import { describe, expect, test } from "vitest";
import { type Evaluation, evaluateRequest } from "../../lambdas/http/evaluate-request.ts";

const modified = Date.UTC(2026, 10, 22, 12, 0, 0) / 1000;
const representation = {
  lengthBytes: 1000,
  etag: '"abc"',
  lastModifiedEpochSeconds: modified,
  isReplacement: false,
};
const dateOf = (seconds: number) => new Date(seconds * 1000).toUTCString();
const [before, same, after] = [modified - 1, modified, modified + 1].map(dateOf);

type Headers = Record<string, string | undefined>;

function evaluate(headers: Headers, method: "GET" | "HEAD" = "GET", of = representation): Evaluation {
  const byName = new Map(Object.entries(headers));
  return evaluateRequest(method, (name) => byName.get(name), of);
}

const partial = { kind: "partial", range: { start: 0, end: 10 } };
const range = "bytes=0-9";

describe("one condition", () => {
  test.each<[Headers, string]>([
    [{}, "whole"],
    [{ "if-match": '"abc"' }, "whole"],
    [{ "if-match": '"x", "abc"' }, "whole"],
    [{ "if-match": '"x","abc"' }, "whole"],
    [{ "if-match": " * " }, "whole"],
    [{ "if-match": '"x"' }, "precondition-failed"],
    [{ "if-match": 'W/"abc"' }, "precondition-failed"],
    [{ "if-match": "abc" }, "precondition-failed"],
    [{ "if-match": "" }, "precondition-failed"],
    [{ "if-match": '"ABC"' }, "precondition-failed"],
    [{ "if-none-match": '"abc"' }, "not-modified"],
    [{ "if-none-match": 'W/"abc"' }, "not-modified"],
    [{ "if-none-match": '"x", W/"abc"' }, "not-modified"],
    [{ "if-none-match": '"a,b", "abc"' }, "not-modified"],
    [{ "if-none-match": "*" }, "not-modified"],
    [{ "if-none-match": '"x"' }, "whole"],
    [{ "if-none-match": '"xabc"' }, "whole"],
    [{ "if-none-match": "" }, "whole"],
    [{ "if-modified-since": before }, "whole"],
    [{ "if-modified-since": same }, "not-modified"],
    [{ "if-modified-since": after }, "not-modified"],
    // The two obsolete forms of RFC 9110, section 5.6.7.
    [{ "if-modified-since": "Sunday, 22-Nov-26 12:00:00 GMT" }, "not-modified"],
    [{ "if-modified-since": "Sunday, 22-Nov-26 11:59:59 GMT" }, "whole"],
    [{ "if-modified-since": "Sun Nov 22 12:00:00 2026" }, "not-modified"],
    [{ "if-modified-since": "Sun Nov  1 12:00:00 2026" }, "whole"],
    [{ "if-modified-since": "yesterday" }, "whole"],
    [{ "if-modified-since": "2027-01-01T00:00:00Z" }, "whole"],
    [{ "if-unmodified-since": before }, "precondition-failed"],
    [{ "if-unmodified-since": same }, "whole"],
    [{ "if-unmodified-since": after }, "whole"],
    [{ "if-unmodified-since": "1" }, "whole"],
  ])("%o is answered with %s", (headers, kind) => {
    expect(evaluate(headers)).toEqual({ kind });
    expect(evaluate(headers, "HEAD")).toEqual({ kind });
  });
});

describe("several conditions, in the order of RFC 9110, section 13.2.2", () => {
  test.each<[string, Headers, string]>([
    [
      "If-Match decides, and not If-Unmodified-Since",
      { "if-match": '"abc"', "if-unmodified-since": before },
      "whole",
    ],
    [
      "a failed If-Match comes before If-None-Match",
      { "if-match": '"x"', "if-none-match": '"abc"' },
      "precondition-failed",
    ],
    [
      "a failed If-Unmodified-Since comes before If-None-Match",
      { "if-unmodified-since": before, "if-none-match": '"abc"' },
      "precondition-failed",
    ],
    [
      "a true If-Match lets If-None-Match decide",
      { "if-match": '"abc"', "if-none-match": '"abc"' },
      "not-modified",
    ],
    [
      "If-None-Match decides, and not If-Modified-Since",
      { "if-none-match": '"x"', "if-modified-since": after },
      "whole",
    ],
    [
      "If-None-Match decides, though modified since",
      { "if-none-match": '"abc"', "if-modified-since": before },
      "not-modified",
    ],
    [
      "a failed condition comes before an unsatisfiable range",
      { "if-match": '"x"', range: "bytes=5000-" },
      "precondition-failed",
    ],
    ["what is not modified has no range", { "if-none-match": '"abc"', range }, "not-modified"],
  ])("%s", (_sentence, headers, kind) => {
    expect(evaluate(headers)).toEqual({ kind });
  });
});

describe("If-Range", () => {
  test.each<[string, string | undefined, object]>([
    ["none", undefined, partial],
    ["the entity tag", '"abc"', partial],
    ["the entity tag within whitespace", ' "abc" ', partial],
    ["another entity tag", '"x"', { kind: "whole" }],
    ["the entity tag, weak", 'W/"abc"', { kind: "whole" }],
    ["the entity tag without its quotation marks", "abc", { kind: "whole" }],
    ["a list", '"abc", "x"', { kind: "whole" }],
    ["anything", "*", { kind: "whole" }],
    ["the date", same, partial],
    ["a date before", before, { kind: "whole" }],
    ["a date after", after, { kind: "whole" }],
    ["nonsense", "yesterday", { kind: "whole" }],
    ["nothing", "", { kind: "whole" }],
  ])("of %s (%j) is answered with %o", (_name, ifRange, expected) => {
    expect(evaluate({ range, "if-range": ifRange })).toEqual(expected);
  });

  test("that does not match leaves an unsatisfiable range alone", () => {
    expect(evaluate({ range: "bytes=5000-", "if-range": '"x"' })).toEqual({ kind: "whole" });
    expect(evaluate({ range: "bytes=5000-", "if-range": '"abc"' })).toEqual({ kind: "unsatisfiable" });
  });

  test("without a Range says nothing", () => {
    expect(evaluate({ "if-range": '"abc"' })).toEqual({ kind: "whole" });
  });
});

describe("a Range", () => {
  test("counts for GET alone", () => {
    expect(evaluate({ range })).toEqual(partial);
    expect(evaluate({ range }, "HEAD")).toEqual({ kind: "whole" });
    expect(evaluate({ range: "bytes=5000-" }, "HEAD")).toEqual({ kind: "whole" });
  });

  test("goes with conditions that are true", () => {
    expect(evaluate({ range, "if-match": '"abc"' })).toEqual(partial);
    expect(evaluate({ range, "if-none-match": '"x"' })).toEqual(partial);
    expect(evaluate({ range, "if-unmodified-since": same })).toEqual(partial);
  });
});

describe("of bytes that took the place of others under the same address", () => {
  const replacement = { ...representation, isReplacement: true };

  test.each<[Headers, string]>([
    [{}, "whole"],
    [{ range }, "whole"],
    [{ range: "bytes=5000-" }, "whole"],
    [{ range, "if-range": '"old"' }, "whole"],
    [{ range, "if-range": 'W/"abc"' }, "whole"],
    [{ range, "if-range": same }, "whole"],
    [{ range, "if-match": '"old"' }, "whole"],
    [{ range, "if-match": 'W/"abc"' }, "whole"],
    [{ range, "if-match": "*" }, "whole"],
    [{ range, "if-match": '"old"', "if-range": '"abc"' }, "whole"],
    [{ range, "if-match": '"abc"', "if-range": '"old"' }, "whole"],
    [{ range, "if-unmodified-since": before }, "whole"],
    [{ range, "if-unmodified-since": after }, "whole"],
    [{ range, "if-range": '"abc"' }, "partial"],
    [{ range, "if-range": ' "abc" ' }, "partial"],
    [{ range, "if-match": '"old", "abc"' }, "partial"],
    [{ range, "if-match": '"abc"', "if-range": '"abc"' }, "partial"],
    [{ range: "bytes=5000-", "if-range": '"abc"' }, "unsatisfiable"],
    [{ range, "if-none-match": '"abc"' }, "not-modified"],
    [{ range, "if-none-match": '"old"' }, "whole"],
    [{ range, "user-agent": "Wget/1.21.3" }, "precondition-failed"],
    [{ range, "user-agent": "Wget/1.21.3", "if-range": '"old"' }, "whole"],
    [{ range, "user-agent": "Wget/1.21.3", "if-range": '"abc"' }, "partial"],
    [{ range, "user-agent": "Wget/1.21.3", "if-match": '"abc"' }, "partial"],
    [{ range, "user-agent": "curl/8.5.0" }, "whole"],
    [{ "user-agent": "Wget/1.21.3" }, "whole"],
    [{ "if-match": '"old"' }, "precondition-failed"],
    [{ "if-match": '"abc"' }, "whole"],
    [{ "if-unmodified-since": before }, "precondition-failed"],
    [{ "if-none-match": '"abc"' }, "not-modified"],
    [{ "if-modified-since": same }, "not-modified"],
  ])("%j gets: %s", (headers, expected) => {
    expect(evaluate(headers, "GET", replacement).kind).toBe(expected);
  });

  test("HEAD knows no ranges, and so nothing that guards them", () => {
    expect(evaluate({ range, "if-match": '"old"' }, "HEAD", replacement)).toEqual({
      kind: "precondition-failed",
    });
    expect(evaluate({ range }, "HEAD", replacement)).toEqual({ kind: "whole" });
  });
});
