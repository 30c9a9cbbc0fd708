import { BallError } from "../ball/errors.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import type { SourceObject } from "../ball/source.ts";

/** Throws: BallError("source-archived") for an object that has to be restored before it can be read. */
export function requireReadable(object: SourceObject, at: string): void {
  if (!object.isArchived) return;
  throw new BallError(
    "source-archived",
    `The object ${quotedPath(object.key)} is in an archive storage class; restore it, then ask again`,
    { at },
  );
}
