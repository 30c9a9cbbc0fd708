/** One thing an application selected: an object, or a folder with all that is in it. */
export type Selection = {
  /** Where it stands in the request, for messages: `objects[17].path`. */
  readonly at: string;
} & (
  | { readonly kind: "path"; readonly key: string }
  /** `prefix` ends in "/". */
  | { readonly kind: "folder"; readonly prefix: string }
);

/** The key or the prefix, whichever names the selection. */
export function selectedPath(selection: Selection): string {
  return selection.kind === "path" ? selection.key : selection.prefix;
}
