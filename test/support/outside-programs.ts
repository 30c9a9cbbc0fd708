import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

/**
 * Programs nobody here wrote: zip readers, S3 clients, download clients and browsers that the tests let loose on
 * what we make. Each is optional on a developer's machine (its tests are then listed as not tried, see
 * report-missing-programs.ts) and required under REQUIRE_ALL=1, as in CI.
 */
export const outsidePrograms = {
  unzip: "Info-ZIP unzip",
  bsdtar: "libarchive's bsdtar, reading from a pipe",
  python3: "Python's zipfile",
  java: "Java's ZipInputStream",
  "7z": "7-Zip",
  zipdetails: "Perl's zipdetails, for reviewable golden files",
  curl: "curl",
  wget: "GNU Wget",
  aria2c: "aria2, parallel pieces",
  aws: "AWS CLI",
  rclone: "rclone",
  chromium: "Chromium",
} as const;

export type OutsideProgram = keyof typeof outsidePrograms;

/** Path of an outside program. Throws: Error when it is not on the PATH. */
export function outside(program: OutsideProgram): string {
  const path = findOutside(program);
  if (path === undefined) throw new Error(`${program} (${outsidePrograms[program]}) is not on the PATH`);
  return path;
}

/** Path of an outside program, or undefined when it is not on the PATH. */
export function findOutside(program: OutsideProgram): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/**
 * A test that needs outside programs: runs when all are found, counts as skipped when one is missing, and
 * fails for a missing one under REQUIRE_ALL=1.
 */
export function testWith(
  programs: readonly OutsideProgram[],
  name: string,
  body: () => Promise<void> | void,
  timeoutMs = 60_000,
): void {
  const missing = programs.filter((program) => findOutside(program) === undefined);
  if (missing.length === 0) test(name, body, timeoutMs);
  else if (process.env.REQUIRE_ALL === "1") {
    test(name, () => {
      throw new Error(`REQUIRE_ALL=1, but not found: ${missing.join(", ")}`);
    });
  } else test.skip(`${name} (not found: ${missing.join(", ")})`, body);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
