import { S3ServiceException } from "@aws-sdk/client-s3";
import { XMLParser } from "fast-xml-parser";
import { BallError } from "../../ball/errors.ts";
import type { PinnedSource, SourceRange } from "../../ball/source.ts";
import { quoted, sourceChanged, wordless } from "./failures.ts";
import type { Answer, AnswerHeaders, Refusal } from "./object-attempt.ts";
import { isPinned } from "./pinned-request.ts";

/**
 * That an answer has the bytes that were asked for: a server that ignores a pin or a range answers others.
 * Throws: BallError("source-changed") for another object, BallError("source-corrupt") for other bytes of it.
 */
export function requireAnswerTo(
  { source, range }: { source: PinnedSource; range: SourceRange },
  { status, headers }: Omit<Answer, "firstByteMs">,
): void {
  const answered = { etag: textOf(headers.etag), versionId: textOf(headers["x-amz-version-id"]) };
  if (!isPinned(source.pin, answered)) throw sourceChanged(source);
  const { start, end } = range;
  const length = textOf(headers["content-length"]);
  const contentRange = textOf(headers["content-range"]);
  const isRange = isWhole(source, range)
    ? status === 200
    : contentRange === `bytes ${start}-${end - 1}/${source.sizeBytes}`;
  if (isRange && length === String(end - start)) return;
  throw new BallError(
    "source-corrupt",
    `S3 answered ${status} with ${length} bytes (${contentRange}) of ${quoted(source.key)} where ${start} to ${end} were asked for`,
  );
}

/** Whether a range is all of its object: then none is asked for. */
export function isWhole({ sizeBytes }: PinnedSource, { start, end }: SourceRange): boolean {
  return start === 0 && end === sizeBytes;
}

/** A refusal as the SDK would throw it. Source: S3 API reference, "Error responses". */
export function exceptionOf({ status, headers, body }: Refusal): S3ServiceException {
  const { Code = wordless(status), Message = `S3 answered ${status}` } = errorOf(body);
  const requestId = textOf(headers["x-amz-request-id"]);
  return new S3ServiceException({
    name: String(Code),
    message: String(Message),
    $fault: status >= 500 ? "server" : "client",
    $metadata: { httpStatusCode: status, ...(requestId === undefined ? {} : { requestId }) },
  });
}

/** How long a refusal asks to be left alone, in milliseconds: in seconds, or until a date. Source: RFC 9110, section 10.2.3. */
export function retryAfterMs({ headers }: Refusal): number {
  const text = textOf(headers["retry-after"]) ?? "";
  const now = Date.parse(textOf(headers.date) ?? "") || Date.now();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return ms > 0 ? ms : 0;
}

/** The value of a header; of one that came several times, the first. */
export function textOf(header: AnswerHeaders[string]): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

const xml = new XMLParser({ parseTagValue: false });

function errorOf(body: Buffer): { Code?: unknown; Message?: unknown } {
  try {
    const { Error: error } = xml.parse(body.toString("utf8"));
    return typeof error === "object" && error !== null ? error : {};
  } catch {
    return {};
  }
}
