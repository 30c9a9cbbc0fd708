import { type ByteRange, lengthOfByteRange } from "../../lambdas/layout/byte-range.ts";
import { dataOffset, type Layout, localHeaderOffset, offsetAt } from "../../lambdas/layout/layout.ts";
import { joinParts } from "../../lambdas/parts/join-parts.ts";
import type { Part, PartGroup, PartLimits, PartPlan } from "../../lambdas/parts/part-plan.ts";

/** All rules of a part plan that this one breaks, in words; none for a sound plan. */
export function brokenRules(layout: Layout, plan: PartPlan, limits: PartLimits): readonly string[] {
  const parts = [...plan.groups.flatMap((group) => group.parts), ...plan.closing];
  return [
    ...gaps(parts, { start: 0, end: layout.lengthBytes }),
    ...partsBeyondLimits(parts, limits),
    ...partsBeyondMemory(layout, parts, limits),
    ...plan.groups.flatMap((group) => brokenGroup(layout, group)),
    ...brokenClosing(layout, plan),
    ...tornEntries(layout, parts),
    ...tooManyParts(plan, limits),
  ];
}

function gaps(ranges: readonly ByteRange[], whole: ByteRange): string[] {
  const borders = [whole.start, ...ranges.map(({ end }) => end)];
  const gap = ranges.findIndex(({ start }, index) => start !== borders[index]);
  if (gap >= 0) return [`part ${gap} does not begin where the one before ends, at ${borders[gap]}`];
  return borders.at(-1) === whole.end ? [] : [`the parts end at ${borders.at(-1)}, not at ${whole.end}`];
}

function partsBeyondLimits(parts: readonly ByteRange[], limits: PartLimits): string[] {
  const isTooShort = (part: ByteRange, index: number) =>
    lengthOfByteRange(part) < (index === parts.length - 1 ? 1 : limits.smallestPartBytes);
  return parts
    .filter((part, index) => isTooShort(part, index) || lengthOfByteRange(part) > limits.largestPartBytes)
    .map((part) => `a part of ${lengthOfByteRange(part)} bytes`);
}

/**
 * Uploaded parts that hold more than eight smallest parts and the headers of two entries: a worker keeps
 * them in memory.
 */
function partsBeyondMemory(layout: Layout, parts: readonly Part[], limits: PartLimits): string[] {
  let longestHeader = 0;
  for (let entry = 0; entry < layout.source.entryCount; entry++) {
    longestHeader = Math.max(longestHeader, dataOffset(layout, entry) - localHeaderOffset(layout, entry));
  }
  const mostBytes = 8 * limits.smallestPartBytes + 2 * longestHeader;
  return parts
    .filter((part) => part.kind === "uploaded" && lengthOfByteRange(part) > mostBytes)
    .map((part) => `an uploaded part of ${lengthOfByteRange(part)} bytes`);
}

function brokenGroup(layout: Layout, { start, end, parts }: PartGroup): string[] {
  return [
    ...gaps(parts, { start, end }),
    ...(parts[0]?.kind === "uploaded" ? [] : [`the group at ${start} does not begin with an uploaded part`]),
    ...(isHeader(layout, start) ? [] : [`the group at ${start} begins within an entry`]),
  ];
}

function brokenClosing(layout: Layout, { closing }: PartPlan): string[] {
  const start = closing[0]?.start ?? Number.NaN;
  const holdsDirectory = start <= layout.centralDirectoryOffset && isHeader(layout, start);
  return holdsDirectory ? [] : [`the closing parts begin at ${start}`];
}

/** Whether a local file header or the central directory begins there. */
function isHeader({ localHeaderOffsets }: Layout, offset: number): boolean {
  let low = 0;
  let high = localHeaderOffsets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsetAt(localHeaderOffsets, middle) < offset) low = middle + 1;
    else high = middle;
  }
  return localHeaderOffsets[low] === offset;
}

/** Entries that do not lie in one uploaded part, but for copied parts of their data up to its very end. */
function tornEntries(layout: Layout, parts: readonly Part[]): string[] {
  const torn: string[] = [];
  let index = 0;
  for (let entry = 0; entry < layout.source.entryCount; entry++) {
    const header = localHeaderOffset(layout, entry);
    const end = offsetAt(layout.localHeaderOffsets, entry + 1);
    while ((parts[index]?.end ?? Number.POSITIVE_INFINITY) <= header) index++;
    const [first, ...others] = partsUpTo(parts, index, end);
    const isFirstSound = first?.kind === "uploaded" && first.end >= dataOffset(layout, entry);
    const areOthersSound = others.every((part) => part.kind === "copied" && part.entry === entry);
    const endsWithPart = others.length === 0 || others.at(-1)?.end === end;
    if (!isFirstSound || !areOthersSound || !endsWithPart) torn.push(`entry ${entry} is torn`);
  }
  return torn;
}

function partsUpTo(parts: readonly Part[], from: number, end: number): readonly Part[] {
  let to = from;
  while ((parts[to]?.start ?? end) < end) to++;
  return parts.slice(from, to);
}

function tooManyParts(plan: PartPlan, limits: PartLimits): string[] {
  const { mostParts } = limits;
  const partsOfGroups = plan.groups.map(({ parts }) => parts.length);
  const inGroups = partsOfGroups.reduce((sum, count) => sum + count, 0);
  if (!plan.isTwoLevel) return inGroups + plan.closing.length <= mostParts ? [] : ["too many parts"];
  const joins = joinParts(plan, limits);
  return [
    ...(joins.length + plan.closing.length <= mostParts ? [] : ["too many parts join the groups"]),
    ...(partsOfGroups.every((count) => count <= mostParts) ? [] : ["a group has too many parts"]),
    ...gaps(joins, { start: 0, end: plan.closing[0]?.start ?? 0 }),
    ...partsBeyondLimits([...joins, ...plan.closing], limits),
  ];
}
