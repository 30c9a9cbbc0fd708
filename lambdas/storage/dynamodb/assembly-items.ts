import { z } from "zod";
import type { Assembly, GroupName, GroupProgress } from "../../ball/assembly.ts";
import type { Plan } from "../../ball/ball.ts";
import { fiveDigits, parseStored, unquoted, withoutUndefined } from "./ball-items.ts";

/** Sort key of the assembly of a plan: its latest attempt. */
export const assemblyItem = (plan: Pick<Plan, "etag">): string => `assembly#${unquoted(plan.etag)}`;

/** Sort key of one group of parts. */
export const groupItem = ({ ball, attempt, group }: GroupName): string =>
  `${groupItems(ball, attempt)}${fiveDigits(group)}`;

/** What the names of all groups of an attempt begin with. */
export const groupItems = (plan: Pick<Plan, "etag">, attempt: number): string =>
  `group#${unquoted(plan.etag)}#${fiveDigits(attempt)}#`;

const wholeNumber = z.number().int().nonnegative();
const keys = { ballId: z.string(), item: z.string(), expiresAtEpochSeconds: z.number().int() };

/** What it has come to is told by what is there: `failure`, `assembled`, or neither while it is assembled. */
const assemblyAttributes = z.strictObject({
  ...keys,
  planEtag: z.string(),
  attempt: wholeNumber.positive(),
  uploadId: z.string(),
  groupCount: wholeNumber,
  begunAtEpochSeconds: z.number().int(),
  failure: z.string().optional(),
  partsDigest: z.string().optional(),
  failedBy: z.string().optional(),
  assembled: z
    .strictObject({
      key: z.string(),
      etag: z.string(),
      lengthBytes: wholeNumber,
      lastModifiedEpochSeconds: z.number().int(),
    })
    .optional(),
  handedOutAtEpochSeconds: z.number().int().optional(),
});

/** The attributes of an assembly in its item. */
export function encodeAssembly(assembly: Assembly): Record<string, unknown> {
  const { state, archive, ...attributes } = assembly;
  return withoutUndefined({ ...attributes, assembled: archive });
}

/** Throws: BallError("ball-corrupt") for an item that encodeAssembly did not make. */
export function decodeAssembly(stored: unknown): Assembly {
  const { ballId, item, expiresAtEpochSeconds, ...attributes } = parseStored(assemblyAttributes, stored);
  const { assembled, partsDigest, failure, failedBy, handedOutAtEpochSeconds, ...begun } = attributes;
  return {
    ...begun,
    partsDigest,
    state: assembled !== undefined ? "complete" : failure !== undefined ? "failed" : "assembling",
    failure,
    failedBy,
    archive: assembled,
    handedOutAtEpochSeconds,
  };
}

/** A group is there from its first lease on; how far it has come stands in it once its worker has told it. */
const groupAttributes = z.strictObject({
  ...keys,
  group: wholeNumber,
  worker: z.string(),
  /** 0: given back. */
  leasedUntilEpochMs: wholeNumber,
  isDone: z.boolean().default(false),
  doneBytes: wholeNumber.default(0),
  doneFileCount: wholeNumber.default(0),
  /** "": none. */
  uploadId: z.string().default(""),
});

/** The attributes of a group that tell how far it has come. */
export function encodeProgress({
  isDone,
  doneBytes,
  doneFileCount,
  uploadId = "",
}: Omit<GroupProgress, "group">): Record<string, unknown> {
  return { isDone, doneBytes, doneFileCount, uploadId };
}

/** Throws: BallError("ball-corrupt") for an item that is none of a group. */
export function decodeGroup(stored: unknown): GroupProgress {
  const { group, isDone, doneBytes, doneFileCount, uploadId } = parseStored(groupAttributes, stored);
  return { group, isDone, doneBytes, doneFileCount, uploadId: uploadId === "" ? undefined : uploadId };
}
