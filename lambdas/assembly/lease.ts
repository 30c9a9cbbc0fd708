import type { AssemblyStore, GroupName, GroupProgress } from "../ball/assembly.ts";
import type { AssemblyContext, Invocation } from "./assembly-context.ts";

/** How long a worker has a group without a word. */
const leaseMs = 60_000;
const renewalMs = 20_000;
/** How long the message is held back from others: as long as the lease, and some more. */
const holdSeconds = 90;

/** What is kept of a group while a worker has it. */
type Progress = Omit<GroupProgress, "group">;

/**
 * A group that this worker alone works on. It is held on to until it is released, and lost when that does not work: by a
 * worker that was frozen, or that can not reach what keeps it, for longer than the lease.
 */
export class Lease {
  /** What was kept when it was taken. */
  readonly before: GroupProgress;
  readonly #assemblies: AssemblyStore;
  readonly #name: GroupName;
  readonly #invocation: Invocation;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Runs ahead of each renewal: what is learned is kept as often as progress is. */
  #beforeRenewal: () => Promise<void> = async () => {};
  #progress: Progress;
  /** Writes go one after the other. */
  #last: Promise<void> = Promise.resolve();

  private constructor(
    assemblies: AssemblyStore,
    name: GroupName,
    invocation: Invocation,
    before: GroupProgress,
  ) {
    this.#assemblies = assemblies;
    this.#name = name;
    this.#invocation = invocation;
    this.before = before;
    this.#progress = before;
    this.#timer = setInterval(() => void this.#renew(), renewalMs);
    this.#timer.unref();
  }

  /** The group as this worker's; "taken" while it is another's, "done" when there is nothing left to do. */
  static async take(
    { assemblies }: AssemblyContext,
    name: GroupName,
    invocation: Invocation,
  ): Promise<Lease | "taken" | "done"> {
    const nowEpochMs = Date.now();
    const times = { nowEpochMs, untilEpochMs: nowEpochMs + leaseMs };
    const taken = await assemblies.lease(name, invocation.worker, times);
    if (typeof taken === "string") return taken;
    await invocation.holdMessage(holdSeconds);
    return new Lease(assemblies, name, invocation, taken);
  }

  /** Aborted when another may have the group. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Tells how far it has come, to be kept at the next renewal. */
  report(progress: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...progress };
  }

  /** Has this done before each renewal, and before the release. */
  beforeRenewal(action: () => Promise<void>): void {
    this.#beforeRenewal = action;
  }

  /** Keeps what was reported at once. Throws when the group is another's by now. */
  async keep(): Promise<void> {
    await this.#write(Date.now() + leaseMs);
    this.signal.throwIfAborted();
  }

  /** Gives the group back, with what was reported. To be called once, however the work ended. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write(0);
  }

  /** The group is done, and nobody takes it again. Throws when it is another's by now. */
  async finish(): Promise<void> {
    this.report({ isDone: true });
    await this.#beforeRenewal();
    await this.keep();
  }

  async #renew(): Promise<void> {
    // What can not be kept now is kept the next time, or learned again; the lease does not wait for it.
    await Promise.all([
      this.#beforeRenewal().catch(() => undefined),
      this.#write(Date.now() + leaseMs).catch(() => undefined),
      this.#invocation.holdMessage(holdSeconds).catch(() => undefined),
    ]);
  }

  #write(untilEpochMs: number): Promise<void> {
    const writing = this.#last.then(async () => {
      if (this.signal.aborted) return;
      const { worker } = this.#invocation;
      const isOurs = await this.#assemblies.renew(this.#name, worker, this.#progress, untilEpochMs);
      if (!isOurs) this.#lost.abort(new LeaseLost());
    });
    this.#last = writing.catch(() => undefined);
    return writing;
  }
}

/** Why a worker ends in the middle of a group: it was away for so long that another has it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor() {
    super("Another worker has this group of parts: this one said nothing for longer than its lease");
  }
}
