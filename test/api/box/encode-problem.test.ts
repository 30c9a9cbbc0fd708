import { deserializeClientError } from "box-node-sdk/lib/schemas/clientError";
import { describe, expect, test } from "vitest";
import { box } from "../../../lambdas/api/box/encode-problem.ts";
import { clientError } from "../../../lambdas/api/box/schemas.ts";
import { toldOfLink } from "../../../lambdas/api/told-of-link.ts";
import { allSelected, BallError, type BallErrorCode } from "../../../lambdas/ball/errors.ts";

const answers: Record<BallErrorCode, readonly [number, string]> = {
  "invalid-request": [400, "bad_request"],
  "request-too-large": [413, "request_entity_too_large"],
  unauthorized: [401, "unauthorized"],
  forbidden: [403, "access_denied_insufficient_permissions"],
  "rate-limited": [429, "rate_limit_exceeded"],
  "source-not-found": [404, "not_found"],
  "version-not-found": [404, "not_found"],
  "revision-ambiguous": [409, "conflict"],
  "source-archived": [409, "conflict"],
  "source-forbidden": [403, "forbidden"],
  "too-many-entries": [400, "zip_download_file_count_exceeded_limit"],
  "archive-too-large": [400, "zip_download_pre_compressed_bytes_exceeded_limit"],
  "ball-not-found": [404, "not_found"],
  "ball-expired": [404, "not_found"],
  "ball-not-started": [404, "not_found"],
  "archive-not-ready": [503, "unavailable"],
  "assembly-failed": [502, "bad_gateway"],
  "archive-unwritable": [503, "unavailable"],
  "archive-unreadable": [503, "unavailable"],
  "upload-gone": [500, "internal_server_error"],
  "source-changed": [409, "conflict"],
  "source-corrupt": [502, "bad_gateway"],
  "source-unreadable": [503, "unavailable"],
  "ball-corrupt": [500, "internal_server_error"],
};

const message = "The object /secret/a.txt is gone";
const common = {
  type: "error",
  help_url: expect.stringMatching(/^https:/),
  request_id: "request-1",
};

/** The problem's status and body; the body is what Box's SDK and the schema take for a ClientError. */
function read({ status, body }: { status: number; body: string }) {
  const error: unknown = JSON.parse(body);
  expect(clientError.parse(error)).toEqual(error);
  const { requestId } = deserializeClientError(JSON.parse(body));
  expect(requestId).toBe("request-1");
  return { status, error };
}

describe("told to the caller", () => {
  test.each(Object.entries(answers))("%s is %j", (name, [status, code]) => {
    const error = errorOf(name);
    const told = read(box.encodeProblem(error, "request-1"));
    expect(told).toEqual({
      status,
      error: { ...common, status, code, message, context_info: { reason: error.code } },
    });
  });

  test("all that is selected is called what Box calls it", () => {
    const error = new BallError("too-many-entries", "select fewer", { at: allSelected });
    expect(read(box.encodeProblem(error, "request-1")).error).toMatchObject({
      message: "items: select fewer",
      context_info: { errors: [{ name: "items" }] },
    });
  });

  test("the place in the request is told in the message, and as Box tells it", () => {
    const error = new BallError("invalid-request", "a string was expected", { at: "items[0].id" });
    expect(read(box.encodeProblem(error, "request-1")).error).toMatchObject({
      message: "items[0].id: a string was expected",
      context_info: {
        reason: "invalid-request",
        errors: [{ reason: "invalid_parameter", name: "items[0].id", message: "a string was expected" }],
      },
    });
  });
});

/** Those whose own words may name buckets and keys. */
const namesObjects = (code: string) =>
  code.startsWith("source-") || code.startsWith("archive-un") || code.match(/assembly|upload/) !== null;

describe("told to whoever holds a link", () => {
  test.each(Object.entries(answers))("%s is %j, without names of objects", (name, [status, code]) => {
    const told = read(box.encodeProblem(toldOfLink(errorOf(name)), "request-1"));
    expect(told).toMatchObject({
      status,
      error: { ...common, status, code, context_info: { reason: name } },
    });
    expect(JSON.stringify(told.error).includes("/secret")).toBe(!namesObjects(name));
  });

  test("when to ask again is told all the same", () => {
    const error = new BallError("archive-unreadable", message, { retryAfterSeconds: 5 });
    expect(box.encodeProblem(toldOfLink(error), "request-1").headers).toEqual({ "Retry-After": "5" });
  });
});

test.each([
  ["a caller", new Error(message)],
  ["whoever holds a link", toldOfLink(new Error(message))],
])("what is no BallError is not told to %s", (_, error) => {
  const told = read(box.encodeProblem(error, "request-1"));
  expect(told).toMatchObject({ status: 500, error: { ...common, code: "internal_server_error" } });
  expect(JSON.stringify(told.error)).not.toContain("secret");
});

function errorOf(name: string): BallError {
  const code = Object.keys(answers).find((one): one is BallErrorCode => one === name);
  if (code === undefined) throw new Error(name);
  return new BallError(code, message);
}
