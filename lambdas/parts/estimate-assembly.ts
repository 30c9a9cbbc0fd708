import { lengthOfByteRange } from "../layout/byte-range.ts";
import type { Layout } from "../layout/layout.ts";
import { joinParts } from "./join-parts.ts";
import { s3PartLimits } from "./part-limits.ts";
import type { CopiedPart, Part, PartLimits, PartPlan } from "./part-plan.ts";
import type { PartPlanOptions } from "./plan-parts.ts";
import { type AssemblyPrices, assemblyPrices } from "./prices.ts";
import { readCount, workerSeconds } from "./worker-seconds.ts";

/** What an assembly takes, told beforehand. */
export interface AssemblyEstimate {
  readonly partCount: number;
  readonly bytesThroughCompute: number;
  readonly requests: AssemblyRequests;
  /** Of workers, all together. */
  readonly workerSeconds: number;
  /** Requests and workers; without queue, table, and the storage of the archive. */
  readonly dollars: number;
  /** From the message to the complete archive, when no other work is in the queue. */
  readonly seconds: number;
}

/** Requests to S3, if none fails. */
interface AssemblyRequests {
  /** GetObject. */
  readonly get: number;
  /** UploadPart. */
  readonly put: number;
  /** UploadPartCopy, those that join the groups of a two-level plan among them. */
  readonly copy: number;
  /**
   * For each upload CreateMultipartUpload, ListParts and CompleteMultipartUpload; a ListParts for each group and each closing
   * part; and four that list what may be left over at the beginning and at the end.
   */
  readonly other: number;
}

/**
 * Counts a plan's work, by the limits it was made with and one table of prices and rates.
 * Cost: one pass over the moved entries.
 */
export function estimateAssembly(
  layout: Layout,
  plan: PartPlan,
  { limits = s3PartLimits, prices = assemblyPrices }: PartPlanOptions = {},
): AssemblyEstimate {
  const groups = plan.groups.map(({ parts }) => tallyOf(layout, parts, prices));
  const closing = tallyOf(layout, [...joinedParts(plan, limits), ...plan.closing], prices);
  const all = [...groups, closing];
  const uploadCount = 1 + (plan.isTwoLevel ? plan.groups.length : 0);
  const requests = {
    get: sumOf(all, ({ reads }) => reads),
    put: sumOf(all, ({ uploaded }) => uploaded),
    copy: sumOf(all, ({ copied }) => copied),
    other: 3 * uploadCount + plan.groups.length + plan.closing.length + 4,
  };
  const allSeconds = sumOf(all, ({ seconds }) => seconds);
  return {
    partCount: requests.put + requests.copy,
    bytesThroughCompute: sumOf(all, ({ movedBytes }) => movedBytes),
    requests,
    workerSeconds: allSeconds,
    dollars:
      requests.get * prices.readRequestDollars +
      (requests.put + requests.copy + requests.other) * prices.writeRequestDollars +
      allSeconds * prices.workerSecondDollars,
    seconds: elapsedSeconds(groups, closing, prices),
  };
}

/** What a worker does in one go: a group, or all that comes behind the groups. */
interface Tally {
  readonly reads: number;
  readonly uploaded: number;
  readonly copied: number;
  readonly movedBytes: number;
  readonly seconds: number;
}

function tallyOf(layout: Layout, parts: readonly Part[], prices: AssemblyPrices): Tally {
  const uploaded = parts.filter((part) => part.kind === "uploaded");
  const copied = parts.filter((part) => part.kind === "copied");
  const slowestCopy = copied.reduce((most, part) => Math.max(most, lengthOfByteRange(part)), 0);
  const worked = sumOf(parts, (part) => workerSeconds(layout, part, prices));
  return {
    reads: sumOf(uploaded, (part) => readCount(layout, part)),
    uploaded: uploaded.length,
    copied: copied.length,
    movedBytes: sumOf(uploaded, lengthOfByteRange),
    seconds: prices.latencySeconds + Math.max(worked, slowestCopy / prices.copyBytesPerSecond),
  };
}

function joinedParts(plan: PartPlan, limits: PartLimits): readonly CopiedPart[] {
  if (!plan.isTwoLevel) return [];
  return joinParts(plan, limits).map(({ start, end, group }) => ({
    kind: "copied",
    start,
    end,
    entry: group,
  }));
}

/** Three messages follow each other: one to begin, those of all groups, one to close. */
function elapsedSeconds(groups: readonly Tally[], closing: Tally, prices: AssemblyPrices): number {
  const slowest = groups.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  const shared = sumOf(groups, ({ seconds }) => seconds) / prices.workersAtOnce;
  const messageCount = groups.length === 0 ? 2 : 3;
  return messageCount * prices.startSeconds + Math.max(slowest, shared) + closing.seconds;
}

function sumOf<Thing>(things: readonly Thing[], numberOf: (thing: Thing) => number): number {
  return things.reduce((sum, thing) => sum + numberOf(thing), 0);
}
