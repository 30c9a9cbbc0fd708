import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import type { Writable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type OutsideProgram, outside } from "../support/outside-programs.ts";

interface RunOptions {
  readonly timeZone?: string;
  /** File that goes in through a pipe, so that the program cannot seek in it. */
  readonly pipedFile?: string;
}

/** What an outside program prints. Throws: an Error with what it complained of, when it fails. */
export async function runProgram(
  program: OutsideProgram,
  programArguments: readonly string[],
  options: RunOptions = {},
): Promise<Buffer> {
  const child = spawn(outside(program), programArguments, {
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: options.timeZone ?? "UTC" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  const feeding = feed(child.stdin, options.pipedFile);
  const [output, complaints, exitCode] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    exited,
    feeding,
  ]);
  if (exitCode !== 0)
    throw new Error(`${program} ended with ${exitCode}: ${complaints || output.toString()}`);
  return output;
}

async function feed(stdin: Writable, pipedFile: string | undefined): Promise<void> {
  if (pipedFile === undefined) {
    stdin.end();
    return;
  }
  try {
    await pipeline(createReadStream(pipedFile, { highWaterMark: 1024 * 1024 }), stdin);
  } catch (error) {
    // A reader may have seen enough at the central directory; its exit code tells whether all was well.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}
