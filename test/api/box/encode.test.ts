import { describe, expect, test } from "vitest";
import { encodeCreated } from "../../../lambdas/api/box/encode-created.ts";
import { encodeStatus } from "../../../lambdas/api/box/encode-status.ts";
import { zipDownload, zipDownloadStatus } from "../../../lambdas/api/box/schemas.ts";
import type { Ball } from "../../../lambdas/ball/ball.ts";
import type { CreatedBall, RenamedItem } from "../../../lambdas/creation/ball-request.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";
const ball: Ball = {
  ballId,
  bucket: "reports",
  createdAtEpochSeconds: Date.UTC(2020, 6, 22, 11, 26, 7) / 1000,
  expiresAtEpochSeconds: Date.UTC(2020, 6, 22, 11, 26, 8) / 1000,
  lifetimeFromStartSeconds: 12 * 3600,
  startedAtEpochSeconds: undefined,
  planNumber: 0,
  plannedAtEpochSeconds: Date.UTC(2020, 6, 22, 11, 26, 7) / 1000,
  etag: '"abc"',
  lengthBytes: 1000,
  entryCount: 3,
  fileCount: 2,
  skippedFileCount: 0,
  skippedFolderCount: 0,
  fileName: "a.zip",
  tokenId: "token",
  delivery: "stream",
  compression: "stored",
};

describe("a zip download that was made", () => {
  const items = [
    { type: "file" as const, id: "12345" },
    { type: "folder" as const, id: "34325" },
  ];
  const encode = (nameConflicts: CreatedBall["nameConflicts"]): unknown =>
    JSON.parse(encodeCreated({ ball, nameConflicts }, { items, publicUrl: "https://api.example.com/prod" }));

  test("has its addresses and when they expire", () => {
    const encoded = encode([]);
    expect(encoded).toEqual({
      download_url: `https://api.example.com/prod/2.0/zip_downloads/${ballId}/content`,
      status_url: `https://api.example.com/prod/2.0/zip_downloads/${ballId}/status`,
      expires_at: "2020-07-22T11:26:08Z",
      name_conflicts: [],
    });
    expect(zipDownload.parse(encoded)).toEqual(encoded);
  });

  test("names what was renamed: selected items by the id they were asked for with, others by their path", () => {
    const renamed = (item: Partial<RenamedItem>): RenamedItem => ({
      kind: "file",
      selection: undefined,
      path: "a/Report.pdf",
      originalName: "Report.pdf",
      downloadName: "3aa6a7.pdf",
      ...item,
    });
    const encoded = encode([
      [renamed({ selection: 0 }), renamed({ kind: "folder", selection: 1, downloadName: "5d53f2" })],
      [renamed({}), renamed({ kind: "folder", path: "b/Report.pdf" })],
    ]);
    const names = { original_name: "Report.pdf", download_name: "3aa6a7.pdf" };
    expect(encoded).toMatchObject({
      name_conflicts: [
        [
          { id: "12345", type: "file", ...names },
          { id: "34325", type: "folder", ...names, download_name: "5d53f2" },
        ],
        [
          { id: "/a/Report.pdf", type: "file", ...names },
          { id: "/b/Report.pdf", type: "folder", ...names },
        ],
      ],
    });
    expect(zipDownload.parse(encoded)).toEqual(encoded);
  });
});

test("more conflicts than an answer of Lambda's has room for are refused", () => {
  const path = "a/".repeat(500);
  const item: RenamedItem = {
    ...{ kind: "file", selection: undefined, path },
    ...{ originalName: "Report.pdf", downloadName: "3aa6a7.pdf" },
  };
  const encode = (count: number) =>
    encodeCreated(
      { ball, nameConflicts: Array.from({ length: count }, () => [item, item]) },
      { items: [], publicUrl: "https://api.example.com" },
    );
  expect(JSON.stringify(encode(2600)).length).toBeGreaterThan(5_500_000);
  expect(() => encode(3000)).toThrow(expect.objectContaining({ code: "too-many-entries", at: "items" }));
});

test.each([undefined, "The object /a was replaced"])("a status, failure: %s", (failure) => {
  const state = failure === undefined ? "in_progress" : "failed";
  const counts = { totalFileCount: 9, downloadedFileCount: 5, skippedFileCount: 2, skippedFolderCount: 1 };
  const encoded: unknown = JSON.parse(encodeStatus({ ...counts, state, failure, bytes: undefined }));
  expect(encoded).toEqual({
    ...{ total_file_count: 9, downloaded_file_count: 5, skipped_file_count: 2, skipped_folder_count: 1 },
    state,
    ...(failure !== undefined && { failure }),
  });
  expect(zipDownloadStatus.parse(encoded)).toEqual(encoded);
});

test.each([undefined, 1000])("a status of an archive that is assembled, of %s bytes", (total) => {
  const counts = { totalFileCount: 9, downloadedFileCount: 5, skippedFileCount: 0, skippedFolderCount: 0 };
  const status = {
    ...counts,
    state: "in_progress",
    failure: undefined,
    bytes: { total, assembled: 600 },
  } as const;
  const encoded: unknown = JSON.parse(encodeStatus(status));
  expect(encoded).toMatchObject({ downloaded_file_count: 5, assembled_byte_count: 600 });
  expect(zipDownloadStatus.parse(encoded).total_byte_count).toBe(total);
  expect(zipDownloadStatus.parse(encoded)).toEqual(encoded);
});
