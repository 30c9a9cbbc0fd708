import type { Download } from "../delivery/open-download.ts";
import { formatAttachment } from "../http/attachment.ts";
import { formatContentRange, formatUnsatisfiedRange } from "../http/range-header.ts";
import type { ByteRange } from "../layout/byte-range.ts";

/** Status and headers of an answer to a download. */
export interface DownloadAnswer {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer that an evaluated request gets. `fileName` is the name to save as, where the link asks for one. */
export function answerDownload({ ball, evaluation }: Download, fileName: string | undefined): DownloadAnswer {
  const validators = {
    ETag: ball.etag,
    "Last-Modified": new Date(ball.plannedAtEpochSeconds * 1000).toUTCString(),
    "Accept-Ranges": "bytes",
    // The link is a capability, so no shared cache may keep what it gave; a changed byte would break the archive.
    "Cache-Control": "private, no-transform",
  };
  const content = {
    ...validators,
    "Content-Type": "application/zip",
    "Content-Disposition": formatAttachment(fileName ?? ball.fileName),
    "X-Content-Type-Options": "nosniff",
  };
  const withLength = ({ start, end }: ByteRange) => ({ ...content, "Content-Length": `${end - start}` });
  switch (evaluation.kind) {
    case "whole":
      return { status: 200, headers: withLength({ start: 0, end: ball.lengthBytes }) };
    case "partial": {
      const { range } = evaluation;
      const contentRange = { "Content-Range": formatContentRange(range, ball.lengthBytes) };
      return { status: 206, headers: { ...withLength(range), ...contentRange } };
    }
    case "not-modified":
      return { status: 304, headers: validators };
    case "precondition-failed":
      return { status: 412, headers: validators };
    case "unsatisfiable": {
      const contentRange = { "Content-Range": formatUnsatisfiedRange(ball.lengthBytes) };
      return { status: 416, headers: { ...validators, ...contentRange } };
    }
  }
}
