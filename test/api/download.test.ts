import { describe, expect, test } from "vitest";
import { answerDownload } from "../../lambdas/api/download-answer.ts";
import { downloadRequestOf } from "../../lambdas/api/download-request.ts";
import type { Delivery } from "../../lambdas/delivery/delivery.ts";
import type { Evaluation } from "../../lambdas/http/evaluate-request.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";

describe("the address of a download", () => {
  const requestOf = (ball: string | undefined, method = "GET", resource = "/{ball}", query = {}) =>
    downloadRequestOf({
      method,
      resource,
      requestId: "request-1",
      header: () => undefined,
      query: (name) => new Map<string, string>(Object.entries(query)).get(name),
      pathParameter: (name) => (name === "ball" ? ball : undefined),
    });

  test.each([`${ballId}.zip`, `${ballId.toUpperCase()}.zip`])("%s is a ball's", (path) => {
    expect(requestOf(path).ballId).toBe(ballId);
  });

  test.each([
    undefined,
    "",
    ".zip",
    ballId,
    `${ballId}.tar`,
    `${ballId}.ZIP`,
    `${ballId}.zip.zip`,
    `${ballId}.zip/x`,
    `${ballId} .zip`,
    `x${ballId}.zip`,
    `${ballId}\n.zip`,
    `${ballId}.zip\n`,
    "../../etc/passwd.zip",
    `${ballId.replace("-4", "-1")}.zip`,
    "00000000-0000-0000-0000-000000000000.zip",
  ])("%j is no ball's", (path) => {
    expect(() => requestOf(path)).toThrow(expect.objectContaining({ code: "ball-not-found" }));
  });

  const content = "/2.0/zip_downloads/{ball}/content";

  test.each([ballId, ballId.toUpperCase()])("%s is a zip download's", (path) => {
    expect(requestOf(path, "GET", content).ballId).toBe(ballId);
  });

  test.each([undefined, "", `${ballId}.zip`, `${ballId}==`, "29l00nfxDyHOt7RphI9zT_w==", `${ballId}\n`])(
    "%j is no zip download's",
    (path) => {
      expect(() => requestOf(path, "GET", content)).toThrow(
        expect.objectContaining({ code: "ball-not-found" }),
      );
    },
  );

  test.each([
    ["GET", "GET"],
    ["HEAD", "HEAD"],
  ])("%s asks as %s", (method, asked) => {
    expect(requestOf(`${ballId}.zip`, method).method).toBe(asked);
  });

  test.each([
    [undefined, 0],
    ["", 0],
    ["0", 0],
    ["1", 1],
    ["8", 8],
    ["9", 8],
    ["9".repeat(400), 8],
    ["-1", 0],
    ["+1", 0],
    ["1.0", 0],
    ["01", 0],
    [" 1", 0],
    ["1e0", 0],
    ["0x1", 0],
    ["\u0661", 0],
    ["1,2", 0],
    ["1\n", 0],
  ])("wait=%j is turn %i", (wait, turn) => {
    expect(requestOf(`${ballId}.zip`, "GET", "/{ball}", wait === undefined ? {} : { wait }).turn).toBe(turn);
  });
});

describe("the answer", () => {
  const address = {
    publicUrl: "https://example.com/prod",
    resource: "/{ball}",
    pathParameter: () => `${ballId}.zip`,
    queryParameters: [["zipball", ""] as const],
  };
  const fileName = "photos.zip";
  const archive = {
    etag: '"abc"',
    lengthBytes: 1000,
    lastModifiedEpochSeconds: Date.UTC(2026, 10, 22, 12, 0, 0) / 1000,
    isReplacement: false,
  };
  const ofEvery = { "Accept-Ranges": "bytes", "Cache-Control": "private, no-transform" };
  const validators = { ...ofEvery, ETag: '"abc"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT" };
  const named = {
    "Content-Type": "application/zip",
    "Content-Disposition": "attachment; filename=photos.zip",
    "X-Content-Type-Options": "nosniff",
  };
  const content = { ...validators, ...named };

  test.each<[Evaluation, object]>([
    [{ kind: "whole" }, { status: 200, headers: { ...content, "Content-Length": "1000" } }],
    [
      { kind: "partial", range: { start: 10, end: 20 } },
      {
        status: 206,
        headers: { ...content, "Content-Length": "10", "Content-Range": "bytes 10-19/1000" },
      },
    ],
    [{ kind: "not-modified" }, { status: 304, headers: validators }],
    [{ kind: "precondition-failed" }, { status: 412, headers: validators }],
    [{ kind: "unsatisfiable" }, { status: 416, headers: { ...validators, "Content-Range": "bytes */1000" } }],
  ])("to %o", (evaluation, expected) => {
    const judged = { fileName, archive, evaluation };
    expect(answerDownload({ kind: "headers", ...judged }, address)).toEqual(expected);
    const chunks = (async function* () {})();
    expect(answerDownload({ kind: "bytes", ...judged, chunks }, address)).toEqual(expected);
  });

  test("says of an archive that is being made what is known: its length, if that, and no validators", () => {
    const known: Delivery = { kind: "outlook", fileName, lengthBytes: 1000 };
    const headers = { ...ofEvery, ...named };
    expect(answerDownload(known, address)).toEqual({
      status: 200,
      headers: { ...headers, "Content-Length": "1000" },
    });
    expect(answerDownload({ ...known, lengthBytes: undefined }, address)).toEqual({ status: 200, headers });
  });

  const redirected = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
  };

  test("leads to the archive, and has a body that does not name it", () => {
    const link = "https://archives.example.com/key?X-Amz-Signature=1";
    const answer = answerDownload({ kind: "archive", link }, address);
    expect(answer).toMatchObject({ status: 302, headers: { ...redirected, Location: link } });
    expect(answer.text).toMatch(/^[^?/]+\n$/);
  });

  test("leads to itself for another turn, and has a body", () => {
    const answer = answerDownload({ kind: "wait", turn: 3 }, address);
    const location = `https://example.com/prod/${ballId}.zip?wait=3&zipball=`;
    expect(answer).toMatchObject({ status: 302, headers: { ...redirected, Location: location } });
    expect(answer.text).toMatch(/^.+\n$/);
  });
});
