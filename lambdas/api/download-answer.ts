import type { Delivery, Described, JudgedArchive } from "../delivery/delivery.ts";
import { formatAttachment } from "../http/attachment.ts";
import type { Representation } from "../http/evaluate-request.ts";
import { formatContentRange, formatUnsatisfiedRange } from "../http/range-header.ts";
import type { ByteRange } from "../layout/byte-range.ts";
import { formatNextTurn, type TurnAddress } from "./next-turn.ts";

/** Status and headers of an answer to a download. */
export interface DownloadAnswer {
  readonly status: 200 | 206 | 302 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** The body of an answer that is neither of the archive nor without one. */
  readonly text?: string;
}

/** The answer to a request for a ball, which came from that address. */
export function answerDownload(delivery: Delivery, address: TurnAddress): DownloadAnswer {
  switch (delivery.kind) {
    case "wait":
      return redirect(formatNextTurn(address, delivery.turn), "The zip is being assembled; come again");
    case "archive":
      return redirect(delivery.link, "The zip is where this redirection leads");
    case "bytes":
      return answerJudged(delivery);
    default:
      return answerDescribed(delivery);
  }
}

/** The answer to HEAD. */
export function answerDescribed(described: Described): DownloadAnswer {
  if (described.kind === "headers") return answerJudged(described);
  const { fileName, lengthBytes } = described;
  const length = lengthBytes === undefined ? {} : { "Content-Length": `${lengthBytes}` };
  return { status: 200, headers: { ...ofEvery, ...contentHeaders(fileName), ...length } };
}

/** Of every answer about the archive itself. */
const ofEvery = {
  "Accept-Ranges": "bytes",
  // The link is a capability, so no shared cache may keep what it gave; a changed byte would break the archive.
  "Cache-Control": "private, no-transform",
};

function answerJudged({ fileName, archive, evaluation }: JudgedArchive): DownloadAnswer {
  const validators = { ...ofEvery, ...validatorsOf(archive) };
  const content = { ...validators, ...contentHeaders(fileName) };
  const withLength = ({ start, end }: ByteRange) => ({ ...content, "Content-Length": `${end - start}` });
  switch (evaluation.kind) {
    case "whole":
      return { status: 200, headers: withLength({ start: 0, end: archive.lengthBytes }) };
    case "partial": {
      const { range } = evaluation;
      const contentRange = { "Content-Range": formatContentRange(range, archive.lengthBytes) };
      return { status: 206, headers: { ...withLength(range), ...contentRange } };
    }
    case "not-modified":
      return { status: 304, headers: validators };
    case "precondition-failed":
      return { status: 412, headers: validators };
    case "unsatisfiable": {
      const contentRange = { "Content-Range": formatUnsatisfiedRange(archive.lengthBytes) };
      return { status: 416, headers: { ...validators, ...contentRange } };
    }
  }
}

function validatorsOf({ etag, lastModifiedEpochSeconds }: Representation) {
  return { ETag: etag, "Last-Modified": new Date(lastModifiedEpochSeconds * 1000).toUTCString() };
}

function contentHeaders(fileName: string) {
  return {
    "Content-Type": "application/zip",
    "Content-Disposition": formatAttachment(fileName),
    "X-Content-Type-Options": "nosniff",
  };
}

/** To an address for this request alone, which is told to nobody else. */
function redirect(location: string, text: string): DownloadAnswer {
  return {
    status: 302,
    headers: {
      Location: location,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "Content-Type": "text/plain; charset=utf-8",
      "X-Content-Type-Options": "nosniff",
    },
    text: `${text}\n`,
  };
}
