import type { SQSEvent } from "aws-lambda";
import { z } from "zod";
import type { RunningChild } from "../child.ts";
import { startChild } from "../child.ts";
import { type WorkerAnswer, workerAnswerSchema } from "./worker-answer.ts";

interface WorkersOptions {
  /** The worker's. */
  readonly program: URL;
  readonly count: number;
  /** Goes over this process's. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Workers, each a process of its own that does one call after another. */
export class Workers {
  /** Of all calls of all workers. */
  readonly answers: WorkerAnswer[] = [];
  readonly #all: readonly RunningChild<"ready">[];
  readonly #idle: RunningChild<"ready">[];

  private constructor(all: readonly RunningChild<"ready">[]) {
    this.#all = all;
    this.#idle = [...all];
  }

  static async start({ program, count, environment }: WorkersOptions): Promise<Workers> {
    const child = { program, input: null, answer: z.literal("ready"), environment, nodeOptions: [] };
    return new Workers(await Promise.all(Array.from({ length: count }, () => startChild(child))));
  }

  /** Has one that has nothing to do called, as there are no more calls at a time than workers. */
  async call(event: SQSEvent): Promise<unknown> {
    const worker = this.#idle.pop();
    if (worker === undefined) throw new Error("There are more calls than workers");
    const answer = workerAnswerSchema.parse(await worker.ask({ event, timeoutMs }));
    this.answers.push(answer);
    this.#idle.push(worker);
    return answer.answer;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.stop()));
  }
}

/** How long a call may take, as in Lambda. */
const timeoutMs = 900_000;
