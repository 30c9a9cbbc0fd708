import { S3Error } from "./errors.ts";
import type { ObjectVersion } from "./version.ts";

/** Classes whose objects can not be read before they are restored. */
const archivedClasses: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Throws: S3Error InvalidObjectState for an object that has to be restored first. */
export function checkReadable({ storageClass }: Pick<ObjectVersion, "storageClass">): void {
  if (!archivedClasses.has(storageClass)) return;
  throw new S3Error("InvalidObjectState", "The operation is not valid for the object's storage class", {
    details: { StorageClass: storageClass },
  });
}
