import { BallError } from "../../ball/errors.ts";
import type { CreatedBall, RenamedItem } from "../../creation/ball-request.ts";
import { formatDateTime } from "../date-time.ts";
import type { ZipDownload, ZipDownloadItem } from "./schemas.ts";

export interface CreatedContext {
  /** Items as they were asked for, in the order of the selections they became. */
  readonly items: readonly ZipDownloadItem[];
  /** Base of links, without a slash at its end. */
  readonly publicUrl: string;
}

/**
 * The body of a 202 to `POST /2.0/zip_downloads`.
 * Throws: BallError("too-many-entries") for more conflicts than an answer has room for.
 */
export function encodeCreated(
  { ball, nameConflicts }: CreatedBall,
  { items, publicUrl }: CreatedContext,
): string {
  const base = `${publicUrl}/2.0/zip_downloads/${ball.ballId}`;
  const encodeRenamed = ({ kind, selection, path, originalName, downloadName }: RenamedItem) => ({
    id: (selection === undefined ? undefined : items[selection]?.id) ?? `/${path}`,
    type: kind,
    original_name: originalName,
    download_name: downloadName,
  });
  const body: ZipDownload = {
    download_url: `${base}/content`,
    status_url: `${base}/status`,
    expires_at: formatDateTime(ball.expiresAtEpochSeconds),
    name_conflicts: nameConflicts.map((pair) => pair.map(encodeRenamed)),
  };
  const text = JSON.stringify(body);
  requireRoom(text, nameConflicts.length);
  return text;
}

/** Lambda's limit of a buffered answer is 6 MB, of which headers need a little. */
const maxAnswerBytes = 6_000_000;

function requireRoom(text: string, conflictCount: number): void {
  // Lambda hands the body over as a text within JSON.
  if (Buffer.byteLength(JSON.stringify(text)) <= maxAnswerBytes) return;
  throw new BallError(
    "too-many-entries",
    `${conflictCount} names are in conflict, more than one answer can tell; select fewer items of one name`,
    { at: "items" },
  );
}
