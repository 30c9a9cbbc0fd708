import { describe, expect, test } from "vitest";
import { encodeCreated } from "../../../lambdas/api/bitpaket/encode-created.ts";
import { bitpaket } from "../../../lambdas/api/bitpaket/encode-problem.ts";
import { allSelected, BallError, type BallErrorCode } from "../../../lambdas/ball/errors.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";

describe("a created ball", () => {
  test("is answered as BitPaket documents it", () => {
    const body = encodeCreated(ballId, { publicUrl: "https://mypaket.bitpaket.com", domains: [] });
    expect(body).toBe(
      '{"success":true,"data":{"ball_id":"e7d86f8c-f53e-4ec5-aee6-5e0408296dbe","urls":{"url":"https://mypaket.bitpaket.com/e7d86f8c-f53e-4ec5-aee6-5e0408296dbe.zip?zipball","domains":[]}}}',
    );
  });

  test("has a link for each custom domain, and the stage in its own", () => {
    const publicUrl = "https://x.execute-api.eu-central-1.amazonaws.com/prod";
    expect(
      JSON.parse(encodeCreated(ballId, { publicUrl, domains: ["www.x.com", "y.org"] })).data.urls,
    ).toEqual({
      url: `${publicUrl}/${ballId}.zip?zipball`,
      domains: [
        { domain: "www.x.com", url: `https://www.x.com/${ballId}.zip?zipball` },
        { domain: "y.org", url: `https://y.org/${ballId}.zip?zipball` },
      ],
    });
  });
});

describe("a problem", () => {
  const statusOf: Record<BallErrorCode, number> = {
    "invalid-request": 400,
    unauthorized: 401,
    forbidden: 403,
    "source-forbidden": 403,
    "source-not-found": 404,
    "version-not-found": 404,
    "ball-not-found": 404,
    "ball-not-started": 404,
    "source-archived": 409,
    "source-changed": 409,
    "revision-ambiguous": 409,
    "ball-expired": 410,
    "request-too-large": 413,
    "too-many-entries": 422,
    "archive-too-large": 422,
    "rate-limited": 429,
    "ball-corrupt": 500,
    "upload-gone": 500,
    "assembly-failed": 502,
    "source-corrupt": 502,
    "archive-not-ready": 503,
    "archive-unreadable": 503,
    "archive-unwritable": 503,
    "source-unreadable": 503,
  };
  const codes = Object.keys(statusOf).filter((code): code is BallErrorCode => code in statusOf);

  test.each(codes)("with code %s has its status, in the answer and in the envelope", (code) => {
    const { status, body } = bitpaket.encodeProblem(new BallError(code, "What is wrong"), "request-1");
    expect(status).toBe(statusOf[code]);
    const error = { code: 10_000 + status, message: "What is wrong", data: { reason: code } };
    expect(JSON.parse(body)).toEqual({ success: false, error });
  });

  test("with a place in the request names it, ahead of its message and by itself", () => {
    const { body } = bitpaket.encodeProblem(
      new BallError("source-not-found", "It is not there", { at: "objects[17].path" }),
      "request-1",
    );
    expect(body).toBe(
      '{"success":false,"error":{"code":10404,"message":"objects[17].path: It is not there","data":{"reason":"source-not-found","at":"objects[17].path"}}}',
    );
  });

  test("with all that is selected names it as BitPaket does", () => {
    const { body } = bitpaket.encodeProblem(
      new BallError("too-many-entries", "Select fewer", { at: allSelected }),
      "request-1",
    );
    expect(JSON.parse(body).error).toMatchObject({
      message: "objects: Select fewer",
      data: { at: "objects" },
    });
  });

  test.each([
    new Error("secret: arn:aws:iam::123"),
    new TypeError("x is not a function"),
    Object.assign(new Error("secret"), { code: "ball-not-found", status: 404 }),
    "secret",
    undefined,
    null,
    { code: "ball-not-found", message: "secret" },
  ])("that nobody expected says nothing of itself: %o", (error) => {
    const { status, body } = bitpaket.encodeProblem(error, "request-1");
    expect(status).toBe(500);
    expect(body).toBe(
      '{"success":false,"error":{"code":10500,"message":"Something went wrong on our side","data":{}}}',
    );
  });

  test("does not tell what caused it", () => {
    const cause = new Error("secret");
    const changed = new BallError("source-changed", "It was replaced", { cause });
    expect(bitpaket.encodeProblem(changed, "request-1").body).not.toContain("secret");
  });
});
