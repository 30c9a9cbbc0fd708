import type { DownloadStatus } from "../../delivery/read-status.ts";
import type { ZipDownloadStatus } from "./schemas.ts";

/** The body of a 200 to `GET /2.0/zip_downloads/{ball}/status`. */
export function encodeStatus(status: DownloadStatus): string {
  const body: ZipDownloadStatus = {
    total_file_count: status.totalFileCount,
    downloaded_file_count: status.downloadedFileCount,
    skipped_file_count: status.skippedFileCount,
    skipped_folder_count: status.skippedFolderCount,
    state: status.state,
    ...(status.failure !== undefined && { failure: status.failure }),
    ...(status.bytes?.total !== undefined && { total_byte_count: status.bytes.total }),
    ...(status.bytes !== undefined && { assembled_byte_count: status.bytes.assembled }),
  };
  return JSON.stringify(body);
}
