import { create } from "content-disposition";

/**
 * The Content-Disposition of a download to be saved under `fileName` (RFC 6266), any Unicode text: characters that
 * could leave the folder it is saved in, or the header, are replaced; names beyond ASCII go as `filename*`.
 */
export function formatAttachment(fileName: string): string {
  const safe = shorten(fileName.toWellFormed().replaceAll(unsafeInFileName, "_"));
  return create(/^[. ]*$/.test(safe) ? "download.zip" : safe);
}

const longestFileName = 200;

/** The extension stays, and what is cut is cut between characters: half of one could not be encoded. */
function shorten(fileName: string): string {
  if (fileName.length <= longestFileName) return fileName;
  const extension = /\.[^.]{1,16}$/.exec(fileName)?.[0] ?? "";
  return fileName.slice(0, longestFileName - extension.length).replace(/[\ud800-\udbff]$/, "") + extension;
}

// Separators, what Windows refuses, control characters, and the overrides that make `exe.txt` of `txt.exe`.
const unsafeInFileName = /[/\\:*?"<>|\p{Cc}\p{Bidi_Control}]/gu;
