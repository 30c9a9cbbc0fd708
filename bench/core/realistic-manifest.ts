import { randomBytes } from "node:crypto";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { Manifest, type ManifestEntry } from "../../lambdas/ball/manifest.ts";
import type { Pin } from "../../lambdas/ball/pin.ts";
import { currentWriterVersion } from "../../lambdas/layout/writer-version.ts";

export type PinKind = "etag" | "version";

/** A manifest as a photographer's bucket gives it: keys of some 65 bytes, 25 files a folder, ETags or version ids. */
export function realisticManifest(entryCount: number, pinKind: PinKind): Manifest {
  const entries = realisticEntries(entryCount, pinKind);
  return Manifest.freeze({ writerVersion: currentWriterVersion, bucket: "customer-uploads", entries });
}

/** CRC-32s of nothing in particular, all known. */
export function realisticCrc32s(entryCount: number): Crc32Column {
  const crc32s = new Crc32Column(entryCount);
  for (let entry = 0; entry < entryCount; entry += 1) crc32s.set(entry, random(0x1_0000_0000));
  return crc32s;
}

const filesPerFolder = 25;
const words = ["harbour", "lights", "winter", "garden", "portrait", "anniversary", "market", "coast"];

/** One at a time, as a listing has them: in order of their keys. */
function* realisticEntries(entryCount: number, pinKind: PinKind): Generator<ManifestEntry> {
  let folder = "";
  let secondOfDay = 0;
  let mtimeEpochSeconds = 0;
  for (let entry = 0; entry < entryCount; entry += 1) {
    if (entry % filesPerFolder === 0) {
      folder = folderName(entry / filesPerFolder);
      secondOfDay = random(30_000);
      mtimeEpochSeconds = 1_770_000_000 + random(20_000_000);
    }
    secondOfDay += 1 + random(600);
    mtimeEpochSeconds += random(30);
    const name = `${folder}/IMG_20260314_${clock(secondOfDay)}.jpg`;
    yield {
      key: `clients/${name}`,
      name,
      pin: randomPin(pinKind),
      sizeBytes: 2e6 + random(1e7),
      mtimeEpochSeconds,
    };
  }
}

function folderName(number: number): string {
  return `${String(number).padStart(6, "0")}-${pick(words)}-${pick(words)}/originals`;
}

function clock(second: number): string {
  const parts = [second / 3600, (second / 60) % 60, second % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join("");
}

function randomPin(kind: PinKind): Pin {
  return kind === "etag"
    ? { kind, etag: `"${randomBytes(16).toString("hex")}"` }
    : { kind, versionId: randomBytes(24).toString("base64url") };
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}

function pick(choices: readonly string[]): string {
  return choices[random(choices.length)] ?? "";
}
