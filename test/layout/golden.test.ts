import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { encodeSlice, isHeaderSlice } from "../../lambdas/layout/encode-slice.ts";
import { sliceLayout } from "../../lambdas/layout/slice-layout.ts";
import { writeArchive, writeSparseArchive } from "../interop/archive-files.ts";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { file, TestArchive, type TestEntry, zeros } from "./test-archive.ts";

/**
 * Archives that must never change: a ball made by an earlier release is still downloaded, and resumed, byte for byte.
 * expected.zip (of a huge archive expected.headers.bin: all but the file data) is what is compared; the text that
 * Perl's zipdetails makes of it is what is reviewed. `UPDATE_GOLDEN=1 npx vitest run test/layout/golden.test.ts`
 * writes both anew.
 */
const golden = join(import.meta.dirname, "../golden");
const updating = process.env.UPDATE_GOLDEN === "1";
const cases = (await readdir(golden, { withFileTypes: true })).filter((child) => child.isDirectory());

const someTime = z.iso.datetime().transform((time) => Date.parse(time) / 1000);
const manifest = z.array(
  z.union([
    z
      .strictObject({ name: z.string(), mtime: someTime, text: z.string() })
      .transform(({ name, text, mtime }): TestEntry => file(name, text, mtime)),
    z
      .strictObject({ name: z.string(), mtime: someTime, zeros: z.int(), crc32: z.hex() })
      .transform(
        (it): TestEntry => ({ ...zeros(it.name, it.zeros, it.mtime), crc32: Number.parseInt(it.crc32, 16) }),
      ),
  ]),
);

async function readArchive(name: string): Promise<TestArchive> {
  return new TestArchive(
    manifest.parse(JSON.parse(await readFile(join(golden, name, "manifest.json"), "utf8"))),
  );
}

function isHuge({ layout }: TestArchive): boolean {
  return layout.lengthBytes > 1024 * 1024;
}

function headersOf({ layout, crc32Of }: TestArchive): Buffer {
  const slices = [...sliceLayout(layout, { start: 0, end: layout.lengthBytes })].filter(isHeaderSlice);
  return Buffer.concat(slices.map((slice) => encodeSlice(layout, slice, crc32Of)));
}

let workFolder = "";

beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "zipball-golden-"));
});

afterAll(() => rm(workFolder, { recursive: true, force: true }));

describe.each(cases)("the golden archive $name", ({ name }) => {
  test("has the bytes it always had", async () => {
    const archive = await readArchive(name);
    const path = join(golden, name, isHuge(archive) ? "expected.headers.bin" : "expected.zip");
    const bytes = isHuge(archive) ? headersOf(archive) : archive.bytes();
    if (updating) await writeFile(path, bytes);
    expect(bytes.toString("hex")).toBe((await readFile(path)).toString("hex"));
  });

  testWith(["zipdetails"], "reads as it always did", async () => {
    const path = join(workFolder, `${name}.zip`);
    const archive = await readArchive(name);
    await (isHuge(archive) ? writeSparseArchive : writeArchive)(path, archive);
    // Another version may word things in another way: only the same one is held to the text.
    const version = `zipdetails ${(await runProgram("zipdetails", ["--version"])).toString().trim()}`;
    const text = `${version}\n${(await runProgram("zipdetails", [path])).toString()}`;
    const textPath = join(golden, name, "expected.zipdetails.txt");
    if (updating) await writeFile(textPath, text);
    const expected = await readFile(textPath, "utf8");
    if (expected.startsWith(`${version}\n`)) expect(text).toBe(expected);
    else expect(text).toContain("END CENTRAL HEADER");
  });
});
