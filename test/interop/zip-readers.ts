import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { openPromise } from "yauzl";
import type { OutsideProgram } from "../support/outside-programs.ts";
import { runProgram } from "./run-program.ts";

/** What a reader made of one entry: the length and the CRC-32 are of the bytes it gave out. */
export interface ReadEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly mtimeEpochSeconds: number;
}

/** A zip reader that nobody here wrote. */
export interface ZipReader {
  readonly name: string;
  readonly programs: readonly OutsideProgram[];
  /** Whether it knows only MS-DOS times, of two seconds. */
  readonly knowsOnlyDosTimes?: true;
  /** All entries in any order. `workFolder` is there to extract into. */
  readonly read: (archive: string, workFolder: string, timeZone: string) => Promise<ReadEntry[]>;
}

const here = import.meta.dirname;

export const pythonReader: ZipReader = {
  name: "Python's zipfile",
  programs: ["python3"],
  knowsOnlyDosTimes: true,
  read: async (archive, _, timeZone) =>
    printed(await runProgram("python3", [join(here, "list_zip.py"), archive], { timeZone })),
};

export const javaReader: ZipReader = {
  name: "Java's ZipInputStream from a pipe",
  programs: ["java"],
  read: async (pipedFile, _, timeZone) =>
    printed(await runProgram("java", [join(here, "ListZip.java")], { timeZone, pipedFile })),
};

export const zipReaders: readonly ZipReader[] = [
  {
    name: "unzip",
    programs: ["unzip"],
    read: async (archive, workFolder, timeZone) => {
      await runProgram("unzip", ["-tqq", archive]);
      return extracted(workFolder, (folder) =>
        runProgram("unzip", ["-qq", archive, "-d", folder], { timeZone }),
      );
    },
  },
  {
    name: "bsdtar from a pipe",
    programs: ["bsdtar"],
    read: (pipedFile, workFolder, timeZone) =>
      extracted(workFolder, (folder) =>
        runProgram("bsdtar", ["-xf", "-", "-C", folder], { timeZone, pipedFile }),
      ),
  },
  {
    name: "7z",
    programs: ["7z"],
    read: async (archive, workFolder, timeZone) => {
      await runProgram("7z", ["t", archive]);
      return extracted(workFolder, (folder) => runProgram("7z", ["x", `-o${folder}`, archive], { timeZone }));
    },
  },
  pythonReader,
  javaReader,
  { name: "yauzl, strict", programs: [], read: readWithYauzl },
];

/** The lines that list_zip.py and ListZip.java print. */
function printed(output: Buffer): ReadEntry[] {
  const lines = output.toString("utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [size, crc, seconds, ...name] = line.split("\t");
    return {
      name: name.join("\t"),
      sizeBytes: Number(size),
      crc32: Number(crc),
      mtimeEpochSeconds: Number(seconds),
    };
  });
}

async function extracted(
  workFolder: string,
  extractInto: (folder: string) => Promise<unknown>,
): Promise<ReadEntry[]> {
  const folder = await mkdtemp(join(workFolder, "extracted-"));
  await extractInto(folder);
  return walk(folder, "");
}

/** Files, and folders with nothing in them, under a folder. */
async function walk(folder: string, prefix: string): Promise<ReadEntry[]> {
  const found: ReadEntry[] = [];
  for (const child of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, child.name);
    const inside = child.isDirectory() ? await walk(path, `${prefix}${child.name}/`) : [];
    if (inside.length > 0) {
      found.push(...inside);
      continue;
    }
    const content = child.isDirectory() ? Buffer.alloc(0) : await readFile(path);
    found.push({
      name: `${prefix}${child.name}${child.isDirectory() ? "/" : ""}`,
      sizeBytes: content.length,
      crc32: crc32(content),
      mtimeEpochSeconds: Math.floor((await stat(path)).mtimeMs / 1000),
    });
  }
  return found;
}

async function readWithYauzl(archive: string): Promise<ReadEntry[]> {
  const zip = await openPromise(archive, {
    lazyEntries: true,
    strictFileNames: true,
    validateEntrySizes: true,
  });
  const found: ReadEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    let sizeBytes = 0;
    let crc = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      sizeBytes += chunk.length;
      crc = crc32(chunk, crc);
    }
    const mtimeEpochSeconds = entry.getLastModDate({ timezone: "UTC" }).getTime() / 1000;
    found.push({ name: entry.fileName, sizeBytes, crc32: crc, mtimeEpochSeconds });
  }
  return found;
}
