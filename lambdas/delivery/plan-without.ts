import { crc32 } from "node:zlib";
import type { Plan } from "../ball/ball.ts";
import { Crc32Column } from "../ball/crc32-column.ts";
import { encodeManifest } from "../ball/encode-manifest.ts";
import { etagOf } from "../ball/etag.ts";
import { Manifest, type ManifestEntry } from "../ball/manifest.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { Folder } from "../naming/folder.ts";
import { foldersAbove } from "../naming/folders-above.ts";
import { fateOf, type GoneSource } from "./gone-sources.ts";
import { type NewPlan, type PlannedBall, plannedAfter } from "./planned-ball.ts";
import { type SkippedFile, writeSkippedNote } from "./skipped-note.ts";
import { identityOfEntry, identityOfSource } from "./source-identity.ts";

/**
 * The plan that comes after a ball's present one when sources are gone: the same entries in the same order without
 * theirs, and at the end one that names all files skipped so far, in place of the present plan's. undefined when the
 * present plan has none of the sources.
 * Shape: the plan has fewer selected files and a number of its own, so that its entity tag is none that the ball had.
 */
export function planWithout(
  present: PlannedBall,
  gone: readonly GoneSource[],
  nowEpochSeconds: number,
): NewPlan | undefined {
  const { ball, manifest } = present;
  const { remaining, skipped, earlierNote } = separate(manifest, gone);
  if (skipped.length === 0) return undefined;
  const plannedAtEpochSeconds = plannedAfter(ball, nowEpochSeconds);
  const skippedFileCount = ball.skippedFileCount + skipped.length;
  const note = writeSkippedNote(earlierNote, skipped, skippedFileCount);
  const planned = Manifest.freeze({
    writerVersion: manifest.writerVersion,
    planNumber: ball.planNumber + 1,
    bucket: manifest.bucket,
    entries: withNote(manifest, remaining, note, plannedAtEpochSeconds),
  });
  const plan: Plan = {
    planNumber: planned.planNumber,
    plannedAtEpochSeconds,
    etag: etagOf(encodeManifest(planned)),
    lengthBytes: planLayout(planned).lengthBytes,
    entryCount: planned.entryCount,
    fileCount: ball.fileCount - skipped.length,
    skippedFileCount,
    skippedFolderCount: ball.skippedFolderCount + countEmptied(manifest, remaining, skipped),
  };
  return { plan, manifest: planned, crc32s: crc32sOf(present, remaining, note) };
}

/** Entries by what becomes of them: entry numbers that remain, files that are skipped, the text about earlier ones. */
function separate(manifest: Manifest, gone: readonly GoneSource[]) {
  const fates = new Map(gone.map((one) => [identityOfSource(one.source), fateOf(one)]));
  const remaining: number[] = [];
  const skipped: SkippedFile[] = [];
  let earlierNote: Uint8Array | undefined;
  for (let entry = 0; entry < manifest.entryCount; entry += 1) {
    const inline = manifest.inlineData(entry);
    const fate = inline ?? fates.get(identityOfEntry(manifest, entry));
    if (fate === undefined) remaining.push(entry);
    else if (typeof fate === "string") skipped.push({ name: manifest.name(entry), fate });
    else earlierNote = fate;
  }
  return { remaining, skipped, earlierNote };
}

/** The entries that remain, one by one, as there may be a great many, and behind them the text. */
function* withNote(
  manifest: Manifest,
  remaining: readonly number[],
  note: Uint8Array,
  mtimeEpochSeconds: number,
): Generator<ManifestEntry, void, undefined> {
  for (const entry of remaining) yield manifest.entry(entry);
  const pin = { kind: "inline", bytes: note } as const;
  yield { key: "", pin, sizeBytes: note.length, mtimeEpochSeconds, name: freeName(manifest, remaining) };
}

/** `_skipped.txt`, or with a number where an entry at the archive's root has that name for some reader. */
function freeName(manifest: Manifest, entries: readonly number[]): string {
  const root = new Folder("");
  for (const entry of entries) {
    const name = manifest.name(entry);
    const slash = name.indexOf("/");
    if (slash === -1) root.takeFile(name);
    else root.folder(name.slice(0, slash));
  }
  return root.takeFreeFile("_skipped.txt");
}

/**
 * How many folders have a file among those skipped now and none that remains. One that was counted before has no file
 * that could be skipped now, so that no folder is counted twice.
 */
function countEmptied(
  manifest: Manifest,
  remaining: readonly number[],
  skipped: readonly SkippedFile[],
): number {
  const emptied = new Set(skipped.flatMap(({ name }) => foldersAbove("object", name)));
  for (const entry of remaining) {
    if (emptied.size === 0) break;
    if (!manifest.isSelectedFile(entry)) continue;
    for (const folder of foldersAbove("object", manifest.name(entry))) emptied.delete(folder);
  }
  return emptied.size;
}

/** What is known of the remaining entries stays known; that of the text is. */
function crc32sOf({ crc32s }: PlannedBall, remaining: readonly number[], note: Uint8Array): Crc32Column {
  const carried = new Crc32Column(remaining.length + 1);
  remaining.forEach((before, entry) => {
    const known = crc32s.get(before);
    if (known !== undefined) carried.set(entry, known);
  });
  carried.set(remaining.length, crc32(note));
  return carried;
}
