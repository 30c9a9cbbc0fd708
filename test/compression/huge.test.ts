import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPromise } from "yauzl";
import { runProgram } from "../interop/run-program.ts";
import { javaReader } from "../interop/zip-readers.ts";
import { testWith } from "../support/outside-programs.ts";

const hugeBytes = 2 ** 32 + 5;
const script = fileURLToPath(new URL("./compress-huge.ts", import.meta.url));
let workFolder = "";
let path = "";
let peakBytes = 0;

beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), "zipball-compressed-huge-"));
  path = join(workFolder, "huge.zip");
  const { stdout } = await promisify(execFile)(process.execPath, [script, path, `${hugeBytes}`]);
  peakBytes = Number(stdout);
}, 180_000);

afterAll(() => rm(workFolder, { recursive: true, force: true }));

test("compressing an entry of more than 4 GiB takes little memory", () => {
  expect(peakBytes).toBeGreaterThan(50e6);
  expect(peakBytes).toBeLessThan(200e6);
});

test("its length is told, and what is behind it found", async () => {
  const zip = await openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
  const lengths: number[] = [];
  for await (const { uncompressedSize } of zip.eachEntry()) lengths.push(uncompressedSize);
  expect(lengths).toEqual([hugeBytes, 20]);
});

testWith(["unzip"], "unzip finds what is behind it", async () => {
  expect((await runProgram("unzip", ["-p", path, "behind.txt"])).length).toBe(20);
});

testWith(
  javaReader.programs,
  `${javaReader.name} reads past its data descriptor of 64 bits`,
  async () => {
    const found = await javaReader.read(path, workFolder, "UTC");
    expect(found.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ["zeros.bin", hugeBytes],
      ["behind.txt", 20],
    ]);
  },
  180_000,
);
