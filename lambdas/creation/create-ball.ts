import { randomUUID } from "node:crypto";
import type { Ball } from "../ball/ball.ts";
import { Crc32Column } from "../ball/crc32-column.ts";
import { encodeManifest } from "../ball/encode-manifest.ts";
import { etagOf } from "../ball/etag.ts";
import { Manifest } from "../ball/manifest.ts";
import { pinOf } from "../ball/pin.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { currentWriterVersion } from "../layout/writer-version.ts";
import type { BallEntries } from "./ball-entries.ts";
import type { BallRequest, CreatedBall } from "./ball-request.ts";
import { chooseDelivery, type DeliveryLimits } from "./choose-delivery.ts";
import { fileNameOf } from "./file-name.ts";
import { findSelections } from "./find-selections.ts";
import type { FoundSelection } from "./found-selection.ts";
import { gatherSources } from "./gather-sources.ts";
import { type BallKeepers, keepBall } from "./keep-ball.ts";
import { learnWithinBudget } from "./learn-within-budget.ts";
import { requireFewEntries } from "./limits.ts";
import { MissingSources } from "./missing-sources.ts";
import { relativeEntries } from "./relative-entries.ts";
import { rootEntries } from "./root-entries.ts";
import { versionedKeysOf } from "./unify-versions.ts";

/** What making a ball works with, and how far it may go. */
export interface CreationContext extends BallKeepers {
  readonly reader: SourceReader;
  readonly catalog: Catalog;
  readonly contents: KnownContents;
  readonly maxEntries: number;
  /** Time for learning CRC-32s, counted from the start of the creation. */
  readonly crcBudgetMs: number;
  readonly deliveryLimits: DeliveryLimits;
}

/**
 * Makes a ball of what is selected: finds the objects, freezes the manifest, and stores it whole. One that is to be
 * assembled is worked on from then on.
 * Throws: BallError for a selection that no ball can be made of; nothing is stored then.
 */
export async function createBall(context: CreationContext, request: BallRequest): Promise<CreatedBall> {
  const { reader, catalog, deliveryLimits } = context;
  const { grant, wish } = request;
  const { bucket } = grant;
  const deadline = AbortSignal.timeout(context.crcBudgetMs);
  const missing = new MissingSources(catalog, bucket);
  const asked = request.selections;
  const selections = await findSelections({ reader, catalog, missing, grant, selections: asked });
  const gathered = await gather(context, request, { selections, missing });
  const objects = await learn(context, request, { objects: gathered.objects, deadline });
  const { names, nameConflicts } = gathered.name(objects);
  const { manifest, crc32s } = freeze(bucket, objects, names);
  const { lengthBytes } = planLayout(manifest);
  const size = { sourceBytes: sourceBytesOf(objects), lengthBytes };
  const delivery = chooseDelivery(wish, size, deliveryLimits);
  const ball = describeBall(request, selections, manifest, { lengthBytes, delivery });
  await keepBall(context, ball, manifest, crc32s);
  return { ball, nameConflicts };
}

interface Found {
  readonly selections: readonly FoundSelection[];
  readonly missing: MissingSources;
}

/** Throws: BallError("too-many-entries"), and what gatherSources throws. */
async function gather(
  { reader, maxEntries }: CreationContext,
  { grant, naming }: BallRequest,
  { selections, missing }: Found,
): Promise<BallEntries> {
  const partOf = await gatherSources({
    reader,
    bucket: grant.bucket,
    selections: selections.filter((selection) => selection.kind !== "version"),
    maxEntries,
    versionedKeys: versionedKeysOf(selections),
    missing: (selection) => missing.nothingThere(selection),
  });
  if (naming === "at-root") return rootEntries(selections, partOf, maxEntries);
  const entries = relativeEntries(selections, partOf);
  requireFewEntries(maxEntries, entries.objects.length);
  return entries;
}

interface Listed {
  readonly objects: readonly SourceObject[];
  readonly deadline: AbortSignal;
}

/**
 * What the delivery needs to know of the objects beforehand. A download waits for every CRC-32, so that as many as can be
 * are learned; who assembles learns them on the way, and is better off with the versions alone: an object that is
 * replaced meanwhile can still be had by its version.
 * Throws: BallError("archive-too-large") where the objects alone are too much, and what learnWithinBudget throws.
 */
async function learn(
  { reader, contents, deliveryLimits }: CreationContext,
  { grant: { bucket }, wish }: BallRequest,
  { objects, deadline }: Listed,
): Promise<SourceObject[]> {
  const sourceBytes = sourceBytesOf(objects);
  const delivery = chooseDelivery(wish, { sourceBytes, lengthBytes: sourceBytes }, deliveryLimits);
  const extent = delivery === "assemble" ? "told" : "all";
  return await learnWithinBudget({ reader, contents, bucket, objects, extent, deadline });
}

function sourceBytesOf(objects: readonly SourceObject[]): number {
  return objects.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}

function freeze(
  bucket: string,
  objects: readonly SourceObject[],
  names: readonly (string | undefined)[],
): { manifest: Manifest; crc32s: Crc32Column } {
  const entries = objects.flatMap((object, index) => {
    const name = names[index];
    return name === undefined ? [] : [{ ...object, pin: pinOf(object), name }];
  });
  const crc32s = new Crc32Column(entries.length);
  entries.forEach(({ sizeBytes, crc32 }, entry) => {
    if (sizeBytes === 0) crc32s.set(entry, 0);
    else if (typeof crc32 === "number") crc32s.set(entry, crc32);
  });
  return { manifest: Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries }), crc32s };
}

/** The assembly of an archive counts as the beginning of its download: whoever waits for it need not ask for it meanwhile. */
function secondsToBeginIn(
  { seconds, fromStartSeconds }: BallRequest["lifetime"],
  delivery: Ball["delivery"],
): number {
  return delivery === "assemble" ? (fromStartSeconds ?? seconds) : seconds;
}

function describeBall(
  { grant, wish, lifetime, fileName }: BallRequest,
  selections: readonly FoundSelection[],
  manifest: Manifest,
  { lengthBytes, delivery }: Pick<Ball, "lengthBytes" | "delivery">,
): Ball {
  const ballId = randomUUID();
  const createdAtEpochSeconds = Math.floor(Date.now() / 1000);
  return {
    ballId,
    bucket: grant.bucket,
    createdAtEpochSeconds,
    expiresAtEpochSeconds: createdAtEpochSeconds + secondsToBeginIn(lifetime, delivery),
    lifetimeFromStartSeconds: lifetime.fromStartSeconds,
    startedAtEpochSeconds: undefined,
    fileName: fileName ?? fileNameOf(selections) ?? `${ballId}.zip`,
    tokenId: grant.tokenId,
    delivery,
    compression: wish.compression,
    planNumber: 0,
    plannedAtEpochSeconds: createdAtEpochSeconds,
    etag: etagOf(encodeManifest(manifest)),
    lengthBytes,
    entryCount: manifest.entryCount,
    fileCount: fileCountOf(manifest),
    skippedFileCount: 0,
    skippedFolderCount: 0,
  };
}

function fileCountOf(manifest: Manifest): number {
  let fileCount = 0;
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    if (manifest.isSelectedFile(entry)) fileCount += 1;
  }
  return fileCount;
}
