import type { AssemblyQueue, AssemblyWork } from "../../lambdas/ball/assembly.ts";

/** A queue of assembly work in memory: what was sent is kept, and given to nobody. */
export class MemoryAssemblyQueue implements AssemblyQueue {
  /** Runs ahead of every sending; may throw in SQS's stead. */
  beforeSend: (work: readonly AssemblyWork[]) => Promise<void> | void = () => undefined;
  readonly sent: AssemblyWork[] = [];

  async send(work: readonly AssemblyWork[]): Promise<void> {
    await this.beforeSend(work);
    this.sent.push(...work);
  }
}
