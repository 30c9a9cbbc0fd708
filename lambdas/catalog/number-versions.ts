import { objectIdOf } from "./object-id.ts";
import type { CatalogedVersion, ObjectVersion } from "./object-version.ts";

/**
 * The versions of one path that are listed but not known, with their ids and the numbers that come next, in the order
 * in which they are to be added: the oldest first.
 * `known`: oldest first, read before `listed` was: what is listed and not known is then younger than all that is known.
 * `listed`: newest first, as S3 lists them.
 */
export function numberVersions(
  bucket: string,
  known: readonly CatalogedVersion[],
  listed: readonly ObjectVersion[],
): CatalogedVersion[] {
  const knownIds = new Set(known.map(({ id }) => id));
  const last = known.at(-1)?.number ?? 0;
  return listed
    .toReversed()
    .map((version) => ({ ...version, bucket, id: objectIdOf(bucket, version) }))
    .filter(({ id }) => !knownIds.has(id))
    .map((version, index) => ({ ...version, number: last + index + 1 }));
}

/**
 * A version's number as it is shown: null as long as no version of its path has a version id of its own, because a
 * bucket without versions counts none. `siblings`: all versions of the path that S3 has, this one too.
 */
export function shownNumberOf(
  version: Pick<CatalogedVersion, "number">,
  siblings: readonly Pick<ObjectVersion, "versionId">[],
): number | null {
  return siblings.some(({ versionId }) => versionId !== undefined) ? version.number : null;
}
