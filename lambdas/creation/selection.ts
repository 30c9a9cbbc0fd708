/** Which version of a path is meant. `at`: where the request says so, for messages: `objects[17].version`. */
export type VersionChoice =
  | { readonly kind: "newest" }
  /** The Nth upload of the path, the oldest is 1. */
  | { readonly kind: "version"; readonly number: number; readonly at: string }
  /** Leading hexadecimal digits of the version's ETag, six at least, in lower case. */
  | { readonly kind: "revision"; readonly revision: string; readonly at: string };

/** One thing an application selected: an object, one version of an object, or a folder with all that is in it. */
export type Selection = {
  /** Where it stands in the request, for messages: `objects[17].path`. */
  readonly at: string;
} & (
  | { readonly kind: "path"; readonly key: string; readonly choice: VersionChoice }
  /** One version of an object by its id in the catalog. `override`: its path in the zip, without a leading slash. */
  | { readonly kind: "id"; readonly id: string; readonly override: string | undefined }
  /** `prefix` ends in "/". */
  | { readonly kind: "folder"; readonly prefix: string }
);
