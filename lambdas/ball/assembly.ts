import type { Ball, Plan } from "./ball.ts";

/** The making of one plan's archive inside S3, as it is kept. */
export interface Assembly {
  /** Entity tag of the plan. */
  readonly planEtag: string;
  /** 1, and one more each time an assembly that failed is begun anew. Each attempt has uploads and objects of its own. */
  readonly attempt: number;
  readonly state: "assembling" | "complete" | "failed";
  /** Of the archive's multipart upload; "" where the archive is not made of parts planned ahead (compressed). */
  readonly uploadId: string;
  /** Groups of parts; the closing parts are one more. */
  readonly groupCount: number;
  /**
   * Digest of the part plan that it was begun with: parts of another's are no parts of it. undefined where there is none
   * (compressed).
   */
  readonly partsDigest: string | undefined;
  readonly begunAtEpochSeconds: number;
  /** What it failed for, in words for the ball's owner; undefined unless it did. */
  readonly failure: string | undefined;
  /** The id of the message that made it fail: that one alone, put back into the queue, begins the next attempt. */
  readonly failedBy: string | undefined;
  /** The archive, once it is complete. */
  readonly archive: AssembledArchive | undefined;
  /** When a link to the archive was first handed out. */
  readonly handedOutAtEpochSeconds: number | undefined;
}

/** What is kept of an attempt when it begins. */
export type BegunAssembly = Pick<Assembly, "attempt" | "uploadId" | "groupCount" | "begunAtEpochSeconds"> &
  Partial<Pick<Assembly, "partsDigest">>;

/** A whole archive in the bucket of archives. */
export interface AssembledArchive {
  readonly key: string;
  /** S3's, with its quotation marks. */
  readonly etag: string;
  readonly lengthBytes: number;
  readonly lastModifiedEpochSeconds: number;
}

/** How far one group of parts has come; the group behind the last is that of the closing parts. */
export interface GroupProgress {
  readonly group: number;
  readonly isDone: boolean;
  /** Bytes of the archive that are in finished parts. */
  readonly doneBytes: number;
  /** Selected files of which all bytes are. */
  readonly doneFileCount: number;
  /** Of the group's own multipart upload, in a two-level plan; undefined without one. */
  readonly uploadId: string | undefined;
}

/** A worker's word for itself: random, and new for each invocation. */
export type WorkerId = string;

/** Which group of which assembly. */
export interface GroupName {
  readonly ball: Ball;
  readonly attempt: number;
  readonly group: number;
}

/**
 * Where assemblies are kept, and who works on which group. Every method that changes something answers what is kept then,
 * so that whoever comes second learns what the first did.
 */
export interface AssemblyStore {
  /** The assembly of the ball's plan: its latest attempt. */
  find(ball: Ball): Promise<Assembly | undefined>;
  /**
   * Begins an attempt, unless there is one of that number, or a later one, or one that did not fail. To be asked with 1, or
   * with one more than a failed attempt's.
   */
  begin(ball: Ball, begun: BegunAssembly): Promise<Assembly>;
  /** Unless the attempt is over. */
  complete(ball: Ball, attempt: number, archive: AssembledArchive): Promise<Assembly>;
  /** Unless the attempt is over. */
  fail(ball: Ball, attempt: number, failure: string, failedBy: string): Promise<Assembly>;
  /** Keeps when a link was handed out, unless one was before. */
  handOut(ball: Ball, atEpochSeconds: number): Promise<void>;
  /**
   * Takes a group for a worker until then, unless it is done or another has it at `nowEpochMs`.
   * Answers how far it has come; "taken" when another has it, "done" when nothing is to do.
   */
  lease(
    name: GroupName,
    worker: WorkerId,
    times: { readonly nowEpochMs: number; readonly untilEpochMs: number },
  ): Promise<GroupProgress | "taken" | "done">;
  /**
   * Keeps how far the worker has come and holds the group on until then: 0 gives it back. Answers whether it still had it,
   * as it has until another takes it: when not, nothing was kept.
   */
  renew(
    name: GroupName,
    worker: WorkerId,
    progress: Omit<GroupProgress, "group">,
    untilEpochMs: number,
  ): Promise<boolean>;
  /** All groups of an attempt that were ever begun, in order. */
  groups(ball: Ball, attempt: number): Promise<readonly GroupProgress[]>;
}

/** What one message asks a worker for. */
export interface AssemblyWork {
  /** `begin` plans the parts and asks for all the rest; `group` makes the parts of one group; `close` makes the archive. */
  readonly task: "begin" | "group" | "close";
  /** Which group; 0 for the other tasks. */
  readonly group: number;
  readonly ballId: string;
  /** Entity tag of the plan that is meant: a ball that was planned anew since is another's work. */
  readonly planEtag: Plan["etag"];
  /** The attempt that is meant; that of `begin`: the one that is to be begun, at first 1. */
  readonly attempt: number;
  /** How often this piece of work was handed on, because time ran out or another had it. */
  readonly generation: number;
}

/** What begins an attempt at the assembly of a ball's present plan. */
export function firstWork({ ballId, etag }: Ball, attempt = 1): AssemblyWork {
  return { ballId, planEtag: etag, attempt, task: "begin", group: 0, generation: 0 };
}

/** Work as it came out of the queue. */
export interface ReceivedWork extends AssemblyWork {
  /** Tells its message from all others, also when it comes again, or is put back from among the dead letters. */
  readonly id: string;
}

/** The queue of work. */
export interface AssemblyQueue {
  /** At least once each, not before `delaySeconds` have passed (0 to 900). */
  send(work: readonly AssemblyWork[], delaySeconds?: number): Promise<void>;
}
