import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { z } from "zod";

export interface ChildInput<Answer> {
  readonly program: URL;
  /** What the program finds with inputOf. */
  readonly input: unknown;
  /** The one message it sends. */
  readonly answer: z.ZodType<Answer>;
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** After which it is ended, and has failed. */
  readonly timeoutMs?: number;
}

/** A program that goes on until it is stopped. */
export interface RunningChild<Answer> {
  readonly answer: Answer;
  stop(): Promise<void>;
}

/** Runs a program in a process of its own. Throws: Error when it ends, or is ended, without an answer. */
export async function runChild<Answer>(child: ChildInput<Answer>): Promise<Answer> {
  const { answer, stop } = await startChild(child);
  await stop();
  return answer;
}

/** Starts a program in a process of its own; resolves with its answer, which tells that it is ready. */
export async function startChild<Answer>(child: ChildInput<Answer>): Promise<RunningChild<Answer>> {
  const started = fork(child.program, [JSON.stringify(child.input)], {
    execArgv: [...(child.nodeOptions ?? ["--disable-warning=ExperimentalWarning"])],
    env: { ...process.env, ...child.environment },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const stop = async () => {
    if (hasEnded(started)) return;
    const ended = once(started, "exit");
    started.kill("SIGKILL");
    await ended;
  };
  try {
    return { answer: child.answer.parse(await firstMessage(started, child.timeoutMs)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function firstMessage(child: ChildProcess, timeoutMs: number | undefined): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const giveUp = () => reject(new Error(`gave up after ${(timeoutMs ?? 0) / 1000} s`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
  child.once("message", resolve);
  child.once("error", reject);
  child.once("exit", (code, signal) => reject(new Error(`ended with ${signal ?? code} and no answer`)));
  return promise.finally(() => clearTimeout(timer));
}

/** In a program that startChild runs: its input. Throws: what the schema does for another. */
export function inputOf<Input>(schema: { parse(given: unknown): Input }): Input {
  return schema.parse(JSON.parse(process.argv[2] ?? "null"));
}

/** In a program that startChild runs: tells the answer. */
export function answerWith(answer: unknown): void {
  process.send?.(answer);
}
