import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";
import { type OutsideProgram, outside } from "../support/outside-programs.ts";

interface RunOptions {
  readonly timeZone?: string;
  /** File that goes in through a pipe, so that the program cannot seek in it. */
  readonly pipedFile?: string;
}

/** A pipe of the kernel's own, and the exit code of the program behind it: it may stop reading before the end. */
const throughPipe = ["sh", "-c", 'file=$1; shift; cat "$file" | "$@"', "sh"] as const;

/** What an outside program prints. Throws: an Error with what it complained of, when it fails. */
export async function runProgram(
  program: OutsideProgram,
  programArguments: readonly string[],
  { timeZone = "UTC", pipedFile }: RunOptions = {},
): Promise<Buffer> {
  const pipe = pipedFile === undefined ? [] : [...throughPipe, pipedFile];
  const [command = "", ...rest] = [...pipe, outside(program), ...programArguments];
  const child = spawn(command, rest, {
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: timeZone },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  const [output, complaints, exitCode] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    exited,
  ]);
  if (exitCode !== 0)
    throw new Error(`${program} ended with ${exitCode}: ${complaints || output.toString()}`);
  return output;
}
