import pMap from "p-map";
import { type Grant, isGranted } from "../ball/grant.ts";
import type { CatalogedVersion } from "./object-version.ts";
import { type CatalogPorts, recordPath } from "./record-versions.ts";

/** Paths looked up at a time. */
const concurrency = 64;

/**
 * The versions that ids belong to, by id; also those that S3 has deleted since. A path is looked up once, however many
 * of its versions are asked for.
 */
export async function findByIds(
  ports: CatalogPorts,
  grant: Grant,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, CatalogedVersion>> {
  const paths = await ports.store.pathsOfIds(ids);
  // Before more is asked: not even by the time it takes does anyone learn of what he may not read.
  const covered = Array.from(paths, ([id, { bucket, key }]) => ({ id, bucket, key })).filter(
    ({ bucket, key }) => bucket === grant.bucket && isGranted(grant, key),
  );
  const versionsWithIds = async ([key, named]: readonly [string, readonly { id: string }[]]) => {
    const asked = new Set(named.map(({ id }) => id));
    return await findInPath(ports, grant.bucket, key, asked);
  };
  const found = await pMap(
    Map.groupBy(covered, ({ key }) => key),
    versionsWithIds,
    { concurrency },
  );
  return new Map(found.flat().map((version) => [version.id, version]));
}

async function findInPath(
  ports: CatalogPorts,
  bucket: string,
  key: string,
  ids: ReadonlySet<string>,
): Promise<readonly CatalogedVersion[]> {
  const isAsked = ({ id }: CatalogedVersion) => ids.has(id);
  const known = (await ports.store.versionsOf(bucket, key)).filter(isAsked);
  if (known.length === ids.size) return known;
  // Whoever gave an id may not have come to the number.
  return (await recordPath(ports, bucket, key)).known.filter(isAsked);
}
