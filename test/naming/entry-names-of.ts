import { assignEntryNames } from "../../lambdas/naming/entry-names.ts";

export interface SourceName {
  readonly name: string;
  readonly sizeBytes: number;
  readonly olderVersion?: number;
}

/** The entry name of each object in order; undefined for a dropped one. */
export function entryNamesOf(objects: readonly SourceName[]): (string | undefined)[] {
  const { renamed, dropped } = assignEntryNames({
    count: objects.length,
    nameOf: (index) => objects[index]?.name ?? "",
    olderVersion: (index) => objects[index]?.olderVersion,
    sizeBytes: (index) => objects[index]?.sizeBytes ?? 0,
  });
  return objects.map(({ name }, index) => (dropped.has(index) ? undefined : (renamed.get(index) ?? name)));
}
