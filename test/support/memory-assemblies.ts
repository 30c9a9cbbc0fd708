import type {
  AssembledArchive,
  Assembly,
  AssemblyStore,
  BegunAssembly,
  GroupName,
  GroupProgress,
  WorkerId,
} from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { BallError } from "../../lambdas/ball/errors.ts";

interface Group extends GroupProgress {
  readonly worker: WorkerId;
  readonly leasedUntilEpochMs: number;
}

/** Assemblies in memory, with the manners of the store in DynamoDB: the same tests run on both. */
export class MemoryAssemblies implements AssemblyStore {
  /** Runs ahead of every write; may wait, or throw in DynamoDB's stead. */
  beforeWrite: (what: "begin" | "complete" | "fail" | "handOut" | "lease" | "renew") => Promise<void> | void =
    () => undefined;
  readonly #assemblies = new Map<string, Assembly>();
  readonly #groups = new Map<string, Group>();

  async find(ball: Ball): Promise<Assembly | undefined> {
    return this.#assemblies.get(planKey(ball));
  }

  async begin(ball: Ball, begun: BegunAssembly): Promise<Assembly> {
    await this.beforeWrite("begin");
    const present = this.#assemblies.get(planKey(ball));
    if (present !== undefined && !(present.state === "failed" && present.attempt < begun.attempt))
      return present;
    return this.#keep(ball, {
      ...begun,
      partsDigest: begun.partsDigest,
      planEtag: ball.etag,
      state: "assembling",
      failure: undefined,
      failedBy: undefined,
      archive: undefined,
      handedOutAtEpochSeconds: undefined,
    });
  }

  async complete(ball: Ball, attempt: number, archive: AssembledArchive): Promise<Assembly> {
    await this.beforeWrite("complete");
    return this.#end(ball, attempt, { state: "complete", archive });
  }

  async fail(ball: Ball, attempt: number, failure: string, failedBy: string): Promise<Assembly> {
    await this.beforeWrite("fail");
    return this.#end(ball, attempt, { state: "failed", failure, failedBy });
  }

  async handOut(ball: Ball, atEpochSeconds: number): Promise<void> {
    await this.beforeWrite("handOut");
    const present = this.#assemblies.get(planKey(ball));
    if (present?.state !== "complete" || present.handedOutAtEpochSeconds !== undefined) return;
    this.#keep(ball, { ...present, handedOutAtEpochSeconds: atEpochSeconds });
  }

  async lease(
    { ball, attempt, group }: GroupName,
    worker: WorkerId,
    { nowEpochMs, untilEpochMs }: { readonly nowEpochMs: number; readonly untilEpochMs: number },
  ): Promise<GroupProgress | "taken" | "done"> {
    await this.beforeWrite("lease");
    const key = groupKey(ball, attempt, group);
    const present = this.#groups.get(key) ?? { ...untouched, group, worker };
    if (present.isDone) return "done";
    if (present.worker !== worker && present.leasedUntilEpochMs > nowEpochMs) return "taken";
    const leased = { ...present, worker, leasedUntilEpochMs: untilEpochMs };
    this.#groups.set(key, leased);
    return progressOf(leased);
  }

  async renew(
    { ball, attempt, group }: GroupName,
    worker: WorkerId,
    progress: Omit<GroupProgress, "group">,
    untilEpochMs: number,
  ): Promise<boolean> {
    await this.beforeWrite("renew");
    const key = groupKey(ball, attempt, group);
    const present = this.#groups.get(key);
    if (present?.worker !== worker) return false;
    this.#groups.set(key, { ...present, ...progress, leasedUntilEpochMs: untilEpochMs });
    return true;
  }

  async groups(ball: Ball, attempt: number): Promise<readonly GroupProgress[]> {
    const found = [...this.#groups].filter(([key]) => key.startsWith(groupKey(ball, attempt, "")));
    return found.map(([, group]) => progressOf(group)).sort((a, b) => a.group - b.group);
  }

  #end(ball: Ball, attempt: number, end: Partial<Assembly>): Assembly {
    const present = this.#assemblies.get(planKey(ball));
    if (present === undefined) throw new BallError("ball-not-found", "There is no such assembly any more");
    const isUnderWay = present.state === "assembling" && present.attempt === attempt;
    return isUnderWay ? this.#keep(ball, { ...present, ...end }) : present;
  }

  #keep(ball: Ball, assembly: Assembly): Assembly {
    this.#assemblies.set(planKey(ball), assembly);
    return assembly;
  }
}

const untouched = {
  isDone: false,
  doneBytes: 0,
  doneFileCount: 0,
  uploadId: undefined,
  leasedUntilEpochMs: 0,
};

function progressOf({ group, isDone, doneBytes, doneFileCount, uploadId }: Group): GroupProgress {
  return { group, isDone, doneBytes, doneFileCount, uploadId };
}

function planKey({ ballId, etag }: Ball): string {
  return `${ballId} ${etag}`;
}

function groupKey(ball: Ball, attempt: number, group: number | ""): string {
  return `${planKey(ball)} ${attempt} ${group}`;
}
