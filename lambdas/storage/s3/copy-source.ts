import type { UploadPartCopyCommandInput } from "@aws-sdk/client-s3";
import type { PinnedSource, SourceRange } from "../../ball/source.ts";
import { isWhole } from "./object-answer.ts";
import { pinInput } from "./pinned-request.ts";
import { encodeComponent, encodePath } from "./sigv4.ts";

/** What makes UploadPartCopy copy these bytes of the pinned object and no others. */
export function copyInput(
  source: PinnedSource,
  range: SourceRange,
): Pick<UploadPartCopyCommandInput, "CopySource" | "CopySourceIfMatch" | "CopySourceRange"> {
  const { VersionId, IfMatch } = pinInput(source);
  const version = VersionId === undefined ? "" : `?versionId=${encodeComponent(VersionId)}`;
  return {
    CopySource: `${copyPath(source)}${version}`,
    ...(IfMatch === undefined ? {} : { CopySourceIfMatch: IfMatch }),
    // A range may be asked of objects over 5 MB alone. Source: API reference, UploadPartCopy.
    ...(isWhole(source, range) ? {} : { CopySourceRange: `bytes=${range.start}-${range.end - 1}` }),
  };
}

/** An object as a copy names it, encoded; one behind an access point by the ARN of that. */
function copyPath({ bucket, key }: PinnedSource): string {
  return bucket.startsWith("arn:")
    ? `${encodeComponent(bucket)}/object/${encodePath(key)}`
    : `${bucket}/${encodePath(key)}`;
}
