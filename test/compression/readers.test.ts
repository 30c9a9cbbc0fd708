import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import { compressArchive } from "../../lambdas/compression/compress-archive.ts";
import { drain, someBytes } from "../delivery/archive-of.ts";
import { byName, expectedOf } from "../interop/archive-files.ts";
import { zipReaders } from "../interop/zip-readers.ts";
import { file, TestArchive } from "../layout/test-archive.ts";
import { freeze } from "../support/manifests.ts";
import { MemorySources } from "../support/memory-sources.ts";
import { testWith } from "../support/outside-programs.ts";
import { compressed } from "./archived.ts";

const MiB = 1024 * 1024;
let workFolder = "";

beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "zipball-compressed-"));
});

afterAll(() => rm(workFolder, { recursive: true, force: true }));

const everyKind = [
  { name: "a.txt", bytes: Buffer.from("hello\n") },
  { name: "nested/deep/text.csv", bytes: Buffer.alloc(300_000, "one,two,three\n") },
  { name: "nested/long.csv", bytes: Buffer.alloc(9 * MiB, "one,two,three\n") },
  { name: "empty.txt", bytes: Buffer.alloc(0) },
  { name: "empty.jpg", bytes: Buffer.alloc(0) },
  { name: "an empty folder/", bytes: Buffer.alloc(0) },
  { name: "pictures/short.JPG", bytes: someBytes(300_000) },
  { name: "pictures/long.mp4", bytes: someBytes(9 * MiB) },
  { name: "日本語/ファイル 🎈.txt", bytes: Buffer.from("こんにちは") },
  { name: `long/${"x".repeat(255)}/${"ü".repeat(127)}`, bytes: Buffer.from("long") },
  { name: "What was skipped.txt", bytes: Buffer.from("nothing"), isInline: true },
];

describe("names, lengths, bytes and times of what is deflated, stored, empty, or in the manifest are read", () => {
  const expected = new TestArchive(everyKind.map(({ name, bytes }) => file(name, bytes)));
  let path = "";

  beforeAll(async () => {
    path = join(workFolder, "every-kind.zip");
    await writeFile(path, await compressed(everyKind));
  });

  for (const reader of zipReaders) {
    testWith(reader.programs, `by ${reader.name}`, async () => {
      expect(byName(await reader.read(path, workFolder, "UTC"))).toEqual(expectedOf(expected, true));
    });
  }
});

/** The zip of entries that are in the manifest. */
async function zipOf(files: readonly { readonly name: string; readonly mtimeEpochSeconds: number }[]) {
  const pin = { kind: "inline", bytes: Buffer.from("x") } as const;
  const entries = files.map((one) => ({ ...one, key: "", pin, sizeBytes: 1 }));
  const { chunks } = compressArchive({
    manifest: freeze(entries),
    crc32s: new Crc32Column(files.length),
    reader: new MemorySources(),
    signal: new AbortController().signal,
  });
  const { bytes, error } = await drain(chunks);
  expect(error).toBeUndefined();
  return bytes;
}

test.each([
  [0, "1980-01-01T00:00:00Z"],
  [Date.UTC(1980, 0, 1, 0, 0, 2) / 1000, "1980-01-01T00:00:02Z"],
  [1_700_000_001, "2023-11-14T22:13:20Z"],
  [Date.UTC(2043, 11, 31, 23, 59, 59) / 1000, "2043-12-31T23:59:58Z"],
  [Date.UTC(2100, 0) / 1000, "2043-12-31T23:59:58Z"],
])("the time %i is written as %s, whatever the time zone", async (mtimeEpochSeconds, expected) => {
  const zip = await zipOf([{ name: "a", mtimeEpochSeconds }]);
  const central = zip.indexOf("PK\u0001\u0002");
  for (const dos of [zip.readUInt32LE(10), zip.readUInt32LE(central + 12)]) {
    const [year, month, day] = [(dos >>> 25) + 1980, (dos >> 21) & 15, (dos >> 16) & 31];
    const [hours, minutes, seconds] = [(dos >> 11) & 31, (dos >> 5) & 63, (dos & 31) * 2];
    expect(Date.UTC(year, month - 1, day, hours, minutes, seconds)).toBe(Date.parse(expected));
  }
});

describe("65,535 entries, the first number that takes zip64", () => {
  let path = "";
  const count = 65_535;

  beforeAll(async () => {
    path = join(workFolder, "many.zip");
    const files = Array.from({ length: count }, (_, index) => ({
      name: `folder-${index % 70}/${index}.jpg`,
      mtimeEpochSeconds: 1_700_000_000,
    }));
    await writeFile(path, await zipOf(files));
  }, 60_000);

  for (const reader of zipReaders.filter(({ name }) => /Python|Java/.test(name))) {
    testWith(reader.programs, `are read by ${reader.name}`, async () => {
      const found = await reader.read(path, workFolder, "UTC");
      expect(found.length).toBe(count);
      expect(new Set(found.map(({ crc32 }) => crc32)).size).toBe(1);
    });
  }
});
