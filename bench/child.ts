import { type ChildProcess, fork, type Serializable } from "node:child_process";
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
  /** Sends it a message and resolves with the next one that comes from it: one question at a time. */
  ask(question: Serializable): Promise<unknown>;
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
    // Stdout is the report's.
    stdio: ["ignore", process.stderr, "inherit", "ipc"],
  });
  const stop = async () => {
    if (hasEnded(started)) return;
    const ended = once(started, "exit");
    started.kill("SIGKILL");
    await ended;
  };
  const ask = async (question: Serializable) => {
    if (hasEnded(started)) throw new Error("It has ended and can not be asked");
    const answer = nextMessage(started, undefined);
    started.send(question);
    return await answer;
  };
  try {
    return { answer: child.answer.parse(await nextMessage(started, child.timeoutMs)), ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function nextMessage(child: ChildProcess, timeoutMs: number | undefined): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const giveUp = () => over.abort(new Error(`gave up after ${(timeoutMs ?? 0) / 1000} s`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
  const ended = once(child, "exit", { signal }).then(([code, killedBy]) => {
    throw new Error(`ended with ${killedBy ?? code} and no answer`);
  });
  const message = once(child, "message", { signal }).then(([told]) => told);
  try {
    return await Promise.race([message, ended]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

/** In a program that startChild runs: its input. Throws: what the schema does for another. */
export function inputOf<Input>(schema: { parse(given: unknown): Input }): Input {
  return schema.parse(JSON.parse(process.argv[2] ?? "null"));
}

/** In a program that startChild runs: tells the answer. */
export function answerWith(answer: unknown): void {
  process.send?.(answer);
}
