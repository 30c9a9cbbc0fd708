import type { Pin } from "../../ball/pin.ts";
import type { PinnedSource, SourceRange } from "../../ball/source.ts";
import type { ObjectRequest } from "./signed-get.ts";
import { encodeComponent } from "./sigv4.ts";

/** What makes HeadObject and GetObject answer for the pinned object and no other. */
export function pinInput({ pin }: PinnedSource): { VersionId?: string; IfMatch?: string } {
  switch (pin.kind) {
    case "version":
      return { VersionId: pin.versionId };
    case "etag":
      return { IfMatch: pin.etag };
    case "null-version":
      return { VersionId: nullVersionId, IfMatch: pin.etag };
  }
}

/** S3's name for a version that has no id of its own. */
const nullVersionId = "null";

/** Whether an answer is about the pinned object: a server may not know of pins. */
export function isPinned(
  pin: Pin,
  answered: { etag: string | undefined; versionId: string | undefined },
): boolean {
  return pin.kind === "version" ? pin.versionId === answered.versionId : pin.etag === answered.etag;
}

/** What makes the SDK give up a request when the signal is aborted. */
export function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** GetObject of a pinned object as it goes over the wire; without a range: of all of it. */
export function pinnedGet(source: PinnedSource, range: SourceRange | undefined): ObjectRequest {
  const { VersionId, IfMatch } = pinInput(source);
  const { bucket, key } = source;
  return {
    bucket,
    key,
    query: VersionId === undefined ? "" : `versionId=${encodeComponent(VersionId)}`,
    headers: [
      ...(IfMatch === undefined ? [] : [["if-match", IfMatch] as const]),
      ...(range === undefined ? [] : [["range", `bytes=${range.start}-${range.end - 1}`] as const]),
    ],
  };
}
