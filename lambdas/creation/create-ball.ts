import { randomUUID } from "node:crypto";
import type { Ball, BallStore } from "../ball/ball.ts";
import { Crc32Column } from "../ball/crc32-column.ts";
import { encodeManifest } from "../ball/encode-manifest.ts";
import { BallError } from "../ball/errors.ts";
import { etagOf } from "../ball/etag.ts";
import { Manifest } from "../ball/manifest.ts";
import { pinOf } from "../ball/pin.ts";
import type { SourceObject, SourceReader } from "../ball/source.ts";
import type { KnownContents } from "../crc32/known-contents.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { currentWriterVersion } from "../layout/writer-version.ts";
import { commonBaseFolder } from "../naming/common-base-folder.ts";
import { assignEntryNames } from "../naming/entry-names.ts";
import type { BallRequest, CreatedBall } from "./ball-request.ts";
import { fileNameOf } from "./file-name.ts";
import { gatherSources } from "./gather-sources.ts";
import { learnWithinBudget } from "./learn-within-budget.ts";
import { selectedPath } from "./selected-path.ts";

/** What making a ball works with, and how far it may go. */
export interface CreationContext {
  readonly reader: SourceReader;
  readonly store: BallStore;
  readonly contents: KnownContents;
  readonly maxEntries: number;
  /** Time for learning CRC-32s, counted from the start of the creation. */
  readonly crcBudgetMs: number;
  /** Longest archive in bytes; undefined for no limit. */
  readonly maxArchiveBytes: number | undefined;
}

/**
 * Makes a ball of what is selected: gathers the objects, freezes the manifest, and stores it whole.
 * Throws: BallError for a selection that no ball can be made of; nothing is stored then.
 */
export async function createBall(context: CreationContext, request: BallRequest): Promise<CreatedBall> {
  const { reader, store, contents, maxEntries } = context;
  const { selections, lifetime } = request;
  const { bucket } = request.grant;
  const deadline = AbortSignal.timeout(context.crcBudgetMs);
  const gathered = await gatherSources({ reader, bucket, selections, maxEntries });
  const objects = await learnWithinBudget({ reader, contents, bucket, objects: gathered, deadline });
  const { manifest, crc32s } = freeze(bucket, objects, commonBaseFolder(selections.map(selectedPath)));
  const { lengthBytes } = planLayout(manifest);
  requireStreamable(lengthBytes, context.maxArchiveBytes);
  const ballId = randomUUID();
  const createdAtEpochSeconds = Math.floor(Date.now() / 1000);
  const ball: Ball = {
    ballId,
    bucket,
    createdAtEpochSeconds,
    expiresAtEpochSeconds: createdAtEpochSeconds + lifetime.seconds,
    lifetimeFromStartSeconds: lifetime.fromStartSeconds,
    startedAtEpochSeconds: undefined,
    fileName: request.fileName ?? fileNameOf(selections) ?? `${ballId}.zip`,
    planNumber: 0,
    plannedAtEpochSeconds: createdAtEpochSeconds,
    etag: etagOf(encodeManifest(manifest)),
    lengthBytes,
    entryCount: manifest.entryCount,
    fileCount: fileCountOf(manifest),
    skippedFileCount: 0,
    skippedFolderCount: 0,
  };
  await store.put(ball, manifest, crc32s);
  return { ball, nameConflicts: [] };
}

function fileCountOf(manifest: Manifest): number {
  let fileCount = 0;
  for (let entry = 0; entry < manifest.entryCount; entry += 1)
    if (!manifest.isDirectory(entry)) fileCount += 1;
  return fileCount;
}

function freeze(bucket: string, objects: readonly SourceObject[], baseFolder: string) {
  const nameOf = ({ key }: SourceObject) => key.slice(baseFolder.length);
  const { renamed, dropped } = assignEntryNames({
    count: objects.length,
    nameOf: (index) => nameOf(at(objects, index)),
    sizeBytes: (index) => at(objects, index).sizeBytes,
  });
  const entries = objects.flatMap((object, index) =>
    dropped.has(index) ? [] : [{ ...object, pin: pinOf(object), name: renamed.get(index) ?? nameOf(object) }],
  );
  const crc32s = new Crc32Column(entries.length);
  entries.forEach(({ sizeBytes, crc32 }, entry) => {
    if (sizeBytes === 0) crc32s.set(entry, 0);
    else if (typeof crc32 === "number") crc32s.set(entry, crc32);
  });
  return { manifest: Manifest.freeze({ writerVersion: currentWriterVersion, bucket, entries }), crc32s };
}

function at(objects: readonly SourceObject[], index: number): SourceObject {
  const object = objects[index];
  if (object === undefined) throw new RangeError(`There is no object ${index}`);
  return object;
}

function requireStreamable(lengthBytes: number, maxArchiveBytes: number | undefined): void {
  if (maxArchiveBytes === undefined || lengthBytes <= maxArchiveBytes) return;
  throw new BallError(
    "archive-too-large",
    `The zip would have ${lengthBytes} bytes, and ${maxArchiveBytes} are the most one download can carry here; select less`,
    { at: "objects" },
  );
}
