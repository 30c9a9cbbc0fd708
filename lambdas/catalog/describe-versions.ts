import { BallError } from "../ball/errors.ts";
import { type Grant, requireGranted } from "../ball/grant.ts";
import { quotedPath } from "../ball/quoted-path.ts";
import { contentNamesOf, textOfName } from "../crc32/content-names.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import type { Catalog } from "./catalog.ts";
import { shownNumberOf } from "./number-versions.ts";
import type { CatalogedVersion } from "./object-version.ts";
import { revisionsAmong } from "./revision.ts";

export interface DescriptionContext {
  readonly catalog: Catalog;
  readonly contents: KnownContents;
}

/** One version of an object, as a client is told of it. */
export interface DescribedVersion {
  readonly version: CatalogedVersion;
  /** null where its bucket keeps no versions. */
  readonly shownNumber: number | null;
  readonly revision: string;
  /** undefined as long as nobody has needed it. */
  readonly crc32: number | undefined;
}

/** The versions of a path that S3 has, newest first, as many as one answer carries. */
export interface DescribedPath {
  readonly versions: readonly DescribedVersion[];
  readonly hasOlder: boolean;
}

/** Which versions of a path are asked for. */
export interface PathQuery {
  readonly key: string;
  /** Those behind the version of this number; undefined: all. */
  readonly before: number | undefined;
  /** As many as one answer carries. */
  readonly mostVersions: number;
}

/**
 * The newest versions of a path.
 * Throws: BallError("forbidden"), BallError("source-not-found"); both name the place `path`.
 */
export async function describePath(
  context: DescriptionContext,
  grant: Grant,
  { key, before, mostVersions }: PathQuery,
): Promise<DescribedPath> {
  const at = "path";
  requireGranted(grant, key, at);
  const siblings = await context.catalog.versionsOf(grant.bucket, key);
  if (siblings.length === 0)
    throw new BallError("source-not-found", `There is no object ${quotedPath(key)}`, { at });
  const newestFirst = siblings.toReversed();
  const asked = before === undefined ? newestFirst : behind(newestFirst, before);
  const versions = await describe(context, asked.slice(0, mostVersions), siblings);
  return { versions, hasOlder: asked.length > versions.length };
}

/** By number only where that version is gone by now: one that was uploaded once more stands in front with its old number. */
function behind(newestFirst: readonly CatalogedVersion[], before: number): readonly CatalogedVersion[] {
  const at = newestFirst.findIndex(({ number }) => number === before);
  return at === -1 ? newestFirst.filter(({ number }) => number < before) : newestFirst.slice(at + 1);
}

/**
 * The version an id belongs to. One that the caller may not read is as unknown as one that never was.
 * Throws: BallError("source-not-found"), and BallError("version-not-found") when S3 has it no more; both name the
 * place `id`.
 */
export async function describeId(
  context: DescriptionContext,
  grant: Grant,
  id: string,
): Promise<DescribedVersion> {
  const at = "id";
  const known = (await context.catalog.findByIds(grant, new Set([id]))).get(id);
  if (known === undefined)
    throw new BallError("source-not-found", `There is no object with the id ${id}`, { at });
  const siblings = await context.catalog.versionsOf(known.bucket, known.key);
  const found = siblings.filter((version) => version.id === id);
  const [described] = await describe(context, found, siblings);
  if (described !== undefined) return described;
  throw new BallError("version-not-found", "This version of the object was deleted or replaced", { at });
}

async function describe(
  { contents }: DescriptionContext,
  versions: readonly CatalogedVersion[],
  siblings: readonly CatalogedVersion[],
): Promise<DescribedVersion[]> {
  const crc32Of = await knownCrc32s(contents, versions);
  const revisionOf = revisionsAmong(siblings);
  return versions.map((version) => ({
    version,
    shownNumber: shownNumberOf(version, siblings),
    revision: revisionOf(version),
    crc32: crc32Of(version),
  }));
}

/** What is known of contents, by version and by ETag: downloads pin by either. */
async function knownCrc32s(
  contents: KnownContents,
  versions: readonly CatalogedVersion[],
): Promise<(version: CatalogedVersion) => number | undefined> {
  const [bucket] = versions.map((version) => version.bucket);
  if (bucket === undefined) return () => undefined;
  const known = await contents.find(bucket, versions.flatMap(contentNamesOf));
  const crc32s = new Map(known.map((content) => [textOfName(content), content.crc32]));
  return (version) =>
    contentNamesOf(version)
      .map((name) => crc32s.get(textOfName(name)))
      .find((crc32) => crc32 !== undefined);
}
