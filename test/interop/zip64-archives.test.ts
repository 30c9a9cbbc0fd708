import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { emptyFolder, file, TestArchive, zeros } from "../layout/test-archive.ts";
import { testWith } from "../support/outside-programs.ts";
import { byName, expectedOf, writeArchive, writeSparseArchive } from "./archive-files.ts";
import { runProgram } from "./run-program.ts";
import { javaReader, pythonReader } from "./zip-readers.ts";

let workFolder = "";

beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "zipball-interop-"));
});

afterAll(() => rm(workFolder, { recursive: true, force: true }));

describe("70,000 entries", () => {
  const archive = new TestArchive(
    Array.from({ length: 70_000 }, (_, index) =>
      file(`folder-${index % 70}/file-${index}.txt`, `content ${index}`),
    ),
  );
  let path = "";

  beforeAll(async () => {
    path = await writeArchive(join(workFolder, "many.zip"), archive);
  });

  testWith(["unzip"], "are tested by unzip", async () => {
    expect((await runProgram("unzip", ["-tq", path])).toString()).toContain("No errors detected");
  });

  testWith(["7z"], "are tested and counted by 7z", async () => {
    expect((await runProgram("7z", ["t", path])).toString()).toMatch(/Everything is Ok[\s\S]*Files: 70000/);
  });

  testWith(["bsdtar"], "all come out of bsdtar from a pipe", async () => {
    const output = await runProgram("bsdtar", ["-xOf", "-"], { pipedFile: path });
    const content = archive.entries.map((_, index) => `content ${index}`).join("");
    expect(createHash("sha256").update(output).digest("hex")).toBe(
      createHash("sha256").update(content).digest("hex"),
    );
  });

  for (const reader of [pythonReader, javaReader]) {
    testWith(reader.programs, `are read by ${reader.name}`, async () => {
      const found = await reader.read(path, workFolder, "UTC");
      expect(byName(found)).toEqual(expectedOf(archive, reader.knowsOnlyDosTimes ?? false));
    });
  }
});

describe("an entry of more than 4 GiB, and entries behind it", () => {
  const archive = new TestArchive([
    zeros("before.bin", 10),
    zeros("huge.bin", 2 ** 32 + 5),
    zeros("behind.bin", 20),
    emptyFolder("last/"),
  ]);
  let path = "";

  beforeAll(async () => {
    path = await writeSparseArchive(join(workFolder, "huge.zip"), archive);
  });

  testWith(
    javaReader.programs,
    `are read by ${javaReader.name}`,
    async () => {
      expect(byName(await javaReader.read(path, workFolder, "UTC"))).toEqual(expectedOf(archive, false));
    },
    180_000,
  );

  testWith(["unzip"], "are found by unzip behind the 4 GiB", async () => {
    expect((await runProgram("unzip", ["-l", path])).toString()).toMatch(
      /4294967301 .* huge\.bin\n.*behind\.bin/,
    );
    expect((await runProgram("unzip", ["-p", path, "behind.bin"])).length).toBe(20);
  });

  testWith(["bsdtar"], "are listed by bsdtar from a pipe", async () => {
    const listed = (await runProgram("bsdtar", ["-tf", "-"], { pipedFile: path })).toString();
    expect(listed.trim().split("\n")).toEqual(archive.entries.map((entry) => entry.name));
  });
});
