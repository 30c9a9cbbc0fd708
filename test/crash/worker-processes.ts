import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { readProcessMemory } from "../../bench/process-memory.ts";
import type { WorkerPlan } from "./worker-plans.ts";

export interface WorkerOptions {
  readonly plan: WorkerPlan;
  /** Goes over this process's. */
  readonly environment: Readonly<Record<string, string>>;
}

const answered = z.object({ answer: z.unknown() });

/** How long a worker has, as in Lambda. */
const timeoutMs = 900_000;

/**
 * Workers, each a process of its own that may be killed at any time. A process does one call after another, and none beside
 * another; one more than there are calls is started, so that nobody waits for the next when one is killed.
 */
export class WorkerProcesses {
  /** Of all that answered. */
  peakBytes = 0;
  readonly #options: WorkerOptions;
  readonly #all = new Set<ChildProcess>();
  readonly #idle: Promise<ChildProcess>[] = [];
  readonly #busy = new Set<ChildProcess>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Calls the assembler in a process that has nothing to do. Throws: WorkerEnded when that process ends without an answer. */
  async call(event: unknown): Promise<unknown> {
    const worker = await (this.#idle.shift() ?? this.#start());
    if (this.#idle.length === 0) this.#idle.push(this.#start());
    this.#busy.add(worker);
    try {
      worker.send({ event, nowEpochMs: Date.now(), timeoutMs });
      const { answer } = answered.parse(await nextMessage(worker));
      this.#notePeak(worker);
      if (!worker.killed) this.#idle.unshift(Promise.resolve(worker));
      return answer;
    } finally {
      this.#busy.delete(worker);
    }
  }

  /** Ends one that is at work, if any is, of several the one that `choice` from 0 to 1 falls on; nothing is told to it. */
  kill(choice = 0): void {
    const busy = [...this.#busy];
    busy[Math.floor(choice * busy.length)]?.kill("SIGKILL");
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#idle);
    await Promise.all(
      [...this.#all].map(async (worker) => {
        const ended = once(worker, "exit");
        worker.kill("SIGKILL");
        await ended;
      }),
    );
  }

  #notePeak({ pid, killed }: ChildProcess): void {
    if (pid === undefined || killed) return;
    this.peakBytes = Math.max(this.peakBytes, readProcessMemory(pid).peakBytes);
  }

  async #start(): Promise<ChildProcess> {
    const { plan, environment } = this.#options;
    const worker = fork(new URL("./worker-process.ts", import.meta.url), [JSON.stringify({ plan })], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#all.add(worker);
    worker.once("exit", () => this.#all.delete(worker));
    await nextMessage(worker);
    return worker;
  }
}

/** Throws: WorkerEnded when the process ends first. */
async function nextMessage(worker: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(worker, "exit", { signal }).then(([code, killedBy]) => {
    throw new WorkerEnded(`A worker ended with ${killedBy ?? code} and no answer`);
  });
  try {
    const message = once(worker, "message", { signal }).then(([told]) => told);
    return await Promise.race([message, ended]);
  } finally {
    over.abort();
  }
}

/** A worker's process is no more. */
export class WorkerEnded extends Error {
  override readonly name = "WorkerEnded";
}
