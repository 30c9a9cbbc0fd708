import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, file, TestArchive } from "../layout/test-archive.ts";
import { testWith } from "../support/outside-programs.ts";
import { byName, expectedOf, maxTimestamp, writeArchive } from "./archive-files.ts";
import { zipReaders } from "./zip-readers.ts";

let workFolder = "";

beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "zipball-interop-"));
});

afterAll(() => rm(workFolder, { recursive: true, force: true }));

const everyKind = new TestArchive([
  file("a.txt", "hello\n"),
  file(
    "nested/deep/er/b.bin",
    Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) & 0xff)),
  ),
  file("empty.txt", ""),
  emptyFolder("an empty folder/"),
  file("nested/umlaute äöü ß.txt", "Grüße"),
  file("日本語/ファイル.txt", "こんにちは"),
  file("emoji/🎈 party 👩‍👩‍👧.txt", "🎈"),
  file(`long/${"x".repeat(255)}/${"ü".repeat(127)}/${"y".repeat(255)}.`.slice(0, -1), "long"),
  file("times/1970.txt", "the first time", 0),
  file("times/1979.txt", "before MS-DOS", Date.UTC(1979, 5, 1) / 1000 + 1),
  file("times/summer.txt", "summer", Date.UTC(2024, 6, 1, 12, 34, 57) / 1000),
  file("times/2038.txt", "the last timestamp", maxTimestamp),
]);

const timesBehindTimestamps = new TestArchive([
  file("2038.txt", "behind the last timestamp", maxTimestamp + 1),
  file("2100.txt", "far", Date.UTC(2100, 0, 1, 1, 1, 1) / 1000),
]);

describe.each(["UTC", "America/St_Johns"])(
  "names, sizes, bytes and times in time zone %s are read",
  (timeZone) => {
    for (const reader of zipReaders) {
      testWith(reader.programs, `by ${reader.name}`, async () => {
        const archive = await writeArchive(
          join(workFolder, `every-kind-${reader.name}-${timeZone.replace("/", "-")}.zip`),
          everyKind,
        );
        const found = await reader.read(archive, workFolder, timeZone);
        expect(byName(found)).toEqual(expectedOf(everyKind, reader.knowsOnlyDosTimes ?? false));
      });
    }
  },
);

describe("times behind the last timestamp are those of MS-DOS in UTC", () => {
  for (const reader of zipReaders) {
    testWith(reader.programs, `for ${reader.name}`, async () => {
      const archive = await writeArchive(join(workFolder, `times-${reader.name}.zip`), timesBehindTimestamps);
      const found = await reader.read(archive, workFolder, "UTC");
      expect(byName(found)).toEqual(expectedOf(timesBehindTimestamps, true));
    });
  }
});

test("the archive of every kind has the length its layout says", () => {
  expect(everyKind.bytes().length).toBe(everyKind.layout.lengthBytes);
});
