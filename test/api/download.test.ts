import { describe, expect, test } from "vitest";
import { answerDownload } from "../../lambdas/api/download-answer.ts";
import { downloadRequestOf } from "../../lambdas/api/download-request.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import type { Evaluation } from "../../lambdas/http/evaluate-request.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";

describe("the address of a download", () => {
  const requestOf = (ball: string | undefined, method = "GET", resource = "/{ball}") =>
    downloadRequestOf({
      method,
      resource,
      header: () => undefined,
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
});

describe("the answer", () => {
  const ball: Ball = {
    ballId,
    bucket: "photos",
    createdAtEpochSeconds: Date.UTC(2026, 10, 22, 12, 0, 0) / 1000,
    expiresAtEpochSeconds: Date.UTC(2026, 10, 29) / 1000,
    lifetimeFromStartSeconds: undefined,
    startedAtEpochSeconds: undefined,
    planNumber: 0,
    plannedAtEpochSeconds: Date.UTC(2026, 10, 22, 12, 0, 0) / 1000,
    etag: '"abc"',
    lengthBytes: 1000,
    entryCount: 3,
    fileCount: 3,
    skippedFileCount: 0,
    skippedFolderCount: 0,
    fileName: "photos.zip",
    tokenId: "token",
    delivery: "stream",
    compression: "stored",
  };
  const validators = {
    ETag: '"abc"',
    "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT",
    "Accept-Ranges": "bytes",
    "Cache-Control": expect.stringContaining("private"),
  };
  const content = {
    ...validators,
    "Content-Type": "application/zip",
    "Content-Disposition": "attachment; filename=photos.zip",
    "X-Content-Type-Options": "nosniff",
  };

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
    expect(answerDownload({ ball, evaluation }, undefined)).toEqual(expected);
  });

  test("is saved under the name the link asks for", () => {
    const { headers } = answerDownload({ ball, evaluation: { kind: "whole" } }, "my holiday.zip");
    expect(headers["Content-Disposition"]).toBe('attachment; filename="my holiday.zip"');
  });
});
