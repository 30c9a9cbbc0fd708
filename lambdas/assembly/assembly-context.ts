import type { ArchiveBucket } from "../ball/archive-bucket.ts";
import type { AssemblyQueue, AssemblyStore } from "../ball/assembly.ts";
import type { DeliveryContext } from "../delivery/delivery-context.ts";
import type { PartPlanOptions } from "../parts/plan-parts.ts";

/** What assembling works with: all that a download does, and where archives are made. */
export interface AssemblyContext extends DeliveryContext {
  readonly assemblies: AssemblyStore;
  readonly archives: ArchiveBucket;
  readonly queue: AssemblyQueue;
  /** How parts are planned: the same for all workers. */
  readonly planOptions?: PartPlanOptions;
  /** Uploaded parts, of up to 40 MiB and two headers each, that one worker has in memory; undefined: two. */
  readonly partsInMemory?: number;
}

/** One worker's invocation. */
export interface Invocation {
  /** Its word for itself. */
  readonly worker: string;
  /** How often the message was received, this time included. */
  readonly receiveCount: number;
  /** Time until the worker is ended. */
  remainingMs(): number;
  /** Keeps the message from being given to another for so many seconds from now. */
  holdMessage(seconds: number): Promise<void>;
}

/** How a worker is done with a message. */
export type Outcome =
  /** All that it asked for is done, or no longer wanted. */
  | "done"
  /** The rest was handed on: time ran out, or another is at it. */
  | "handed-on"
  /** The same, without having come any further, or for the hundredth time. */
  | "stalls";
