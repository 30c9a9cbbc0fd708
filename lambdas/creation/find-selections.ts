import pMap from "p-map";
import { failedWith } from "../ball/errors.ts";
import { requireGranted } from "../ball/grant.ts";
import { pinOf } from "../ball/pin.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import type { CatalogedVersion } from "../catalog/object-version.ts";
import { findVersions, type LookupInput } from "./find-versions.ts";
import type { FoundSelection } from "./found-selection.ts";
import { unknownId } from "./missing-sources.ts";
import { requireReadable } from "./require-readable.ts";
import type { Selection } from "./selection.ts";

/** Versions S3 is asked about at a time. */
const concurrency = 64;

export interface FindInput extends LookupInput {
  readonly reader: SourceReader;
}

/**
 * The selections, at the same index, with the objects that ids, versions and revisions mean. S3 is asked about each
 * version once; about folders and newest versions it is not asked yet.
 * Throws, naming the place, what findVersions throws, and BallError("forbidden") for what the grant does not cover,
 * "version-not-found" for a version S3 has no more, "source-archived" for one that can not be read.
 */
export async function findSelections(input: FindInput): Promise<FoundSelection[]> {
  for (const selection of input.selections) {
    if (selection.kind === "path") requireGranted(input.grant, selection.key, selection.at);
    if (selection.kind === "folder") requireGranted(input.grant, selection.prefix, selection.at);
  }
  const versions = await findVersions(input);
  const objects = await describeVersions(input, versions);
  return input.selections.map((selection) => found(selection, versions.get(selection), objects));
}

function found(
  selection: Selection,
  version: CatalogedVersion | undefined,
  objects: ReadonlyMap<string, SourceObject>,
): FoundSelection {
  const { at } = selection;
  if (selection.kind === "folder") return { kind: "folder", prefix: selection.prefix, at };
  const object = objects.get(version?.id ?? "");
  if (version !== undefined && object !== undefined) {
    const override = selection.kind === "id" ? selection.override : undefined;
    return { kind: "version", key: version.key, object, number: version.number, override, at };
  }
  if (selection.kind === "path") return { kind: "newest", key: selection.key, at };
  throw unknownId(selection.id, at);
}

/** The objects of the versions, by the versions' ids. */
async function describeVersions(
  { reader, missing }: FindInput,
  versions: ReadonlyMap<Selection, CatalogedVersion>,
): Promise<ReadonlyMap<string, SourceObject>> {
  // The first selection of each version, for messages.
  const distinct = new Map([...versions].toReversed().map((found) => [found[1].id, found] as const));
  const describeOne = async ([selection, version]: readonly [Selection, CatalogedVersion]) => {
    const object = await describeVersion(reader, version).catch(async (error: unknown) => {
      throw failedWith(error, "source-changed") ? await missing.deletedVersion(version, selection) : error;
    });
    requireReadable(object, selection.at);
    return [version.id, object] as const;
  };
  return new Map(await pMap(distinct.values(), describeOne, { concurrency }));
}

async function describeVersion(reader: SourceReader, version: CatalogedVersion): Promise<SourceObject> {
  const { bucket, key, sizeBytes, etag } = version;
  const source = { bucket, key, sizeBytes, pin: pinOf(version) };
  if (version.versionId !== undefined) return await reader.describePinned(source);
  const current = await reader.describePinned(source).catch((error: unknown) => {
    if (failedWith(error, "source-changed")) return undefined;
    throw error;
  });
  if (current !== undefined && (current.versionId ?? "null") === "null") return current;
  // Uploaded before its bucket kept versions: younger ones stand before it.
  return await reader.describePinned({ ...source, pin: { kind: "null-version", etag } });
}
