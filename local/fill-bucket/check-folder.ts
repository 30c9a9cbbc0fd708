import { readdir } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { StartProblem } from "../start-problem.ts";

/** Throws: StartProblem when a folder can not be uploaded: it has no name of its own, or can not be read. */
export async function checkFolder(folder: string): Promise<void> {
  if (basename(resolve(folder)) === "") {
    throw new StartProblem(`--folder ${folder}: choose a folder that has a name`);
  }
  try {
    await readdir(folder);
  } catch (error) {
    throw new StartProblem(`--folder ${folder} can not be read: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? String(error);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "it is not a folder",
  EACCES: "permission denied",
};
