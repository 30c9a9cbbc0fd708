import type { CreatedBall, DescribedObject } from "../bitpaket/schemas.ts";
import type { ZipDownload, ZipDownloadStatus } from "../box/schemas.ts";

/** Answers as the documentations of both APIs show them. */

export const createdBallExample: CreatedBall = {
  success: true,
  data: {
    ball_id: "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe",
    urls: {
      url: "https://mypaket.bitpaket.com/e7d86f8c-f53e-4ec5-aee6-5e0408296dbe.zip?zipball",
      domains: [],
    },
  },
};

export const objectExample: DescribedObject = {
  object_id: "b6233520-0ab2-465e-b698-c69c7ed53e2a",
  path: "/dir/myfile2.exe",
  properties: {
    name: "myfile2.exe",
    size: 19_256,
    size_pretty: "18.8 KB",
    hash: "0e4b563b6ce1d2f0c4d2a3b1e5f60718",
    hash_type: "MD5",
    crc32: "8f7e6d5c",
    is_versioned: true,
    version: 5,
    revision: "0e4b563b6c",
    created_on: "2018-07-08T11:19:11Z",
    updated_on: "2018-07-08T11:19:11Z",
    created_on_ts: 1_531_048_751,
    updated_on_ts: 1_531_048_751,
  },
};

const zipDownloadUrl = "https://api.box.com/2.0/zip_downloads/e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";

export const zipDownloadExample: ZipDownload = {
  download_url: `${zipDownloadUrl}/content`,
  status_url: `${zipDownloadUrl}/status`,
  expires_at: "2020-07-22T11:26:08Z",
  name_conflicts: [
    [
      { id: "/2025/Report.pdf", type: "file", original_name: "Report.pdf", download_name: "3aa6a7.pdf" },
      { id: "/2026/Report.pdf", type: "file", original_name: "Report.pdf", download_name: "5d53f2.pdf" },
    ],
  ],
};

export const zipDownloadStatusExample: ZipDownloadStatus = {
  total_file_count: 20,
  downloaded_file_count: 10,
  skipped_file_count: 5,
  skipped_folder_count: 1,
  state: "in_progress",
};
