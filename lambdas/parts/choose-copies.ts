import { dataOffset, type Layout, offsetAt } from "../layout/layout.ts";
import { startOfClosing } from "./cut-parts.ts";
import type { PartLimits } from "./part-plan.ts";
import { bestPartSizes, longestMovedBytes, type PartSizes } from "./part-sizes.ts";
import { type AssemblyPrices, type UnitCosts, unitCosts } from "./prices.ts";

/** One way to make the archive up to some entry; kept are those that may yet turn out to be the cheapest. */
interface Way {
  /** Where the uploaded part begins that is not finished. */
  readonly partStart: number;
  /** What this way costs beyond the moving of all bodies, without the unfinished part's request. */
  readonly cost: number;
  readonly lastCopied: Copied | undefined;
}

interface Copied {
  readonly entry: number;
  readonly before: Copied | undefined;
}

/** What all ways follow from. */
interface Choice {
  readonly layout: Layout;
  readonly limits: PartLimits;
  readonly sizes: PartSizes;
  readonly costs: UnitCosts;
}

/**
 * Entries whose bodies S3 copies, in order; all others are moved through compute. Chosen are those that make
 * the archive cheapest, in requests and in workers' seconds.
 *
 * The arithmetic, with m = 5 MiB, the smallest part; a write request costs as much as moving w = 12 MiB. A
 * moved body costs its length L, and its share of an uploaded part of 25 MiB. A copied one costs a write
 * request, and one more for the uploaded part with its header, through which m must pass to make it a part.
 * - Behind moved bodies that make a whole part a body is copied for one request alone: that pays if
 *   L (1 + w / 25 MiB) > w, from 8 MiB on.
 * - A body between two copied ones spares an uploaded part and an m when it is moved: copying it pays only if
 *   L > 2 w + 2 m, from 34 MiB on.
 *
 * So a shorter body is always moved and a longer one always copied. Between the two it depends on the
 * neighbours (often every other is best), and any one threshold would make some archives 40% dearer than need
 * be. So both ways are followed there, as long as they cost no more than the cheapest and what a better
 * beginning of the next part may be worth.
 *
 * Cost: one pass over the entries, with a handful of ways.
 */
export function chooseCopies(layout: Layout, limits: PartLimits, prices: AssemblyPrices): readonly number[] {
  const choice = { layout, limits, sizes: bestPartSizes(limits), costs: unitCosts(prices) };
  const longestMoved = longestMovedBytes(limits);
  let ways: readonly Way[] = [{ partStart: 0, cost: 0, lastCopied: undefined }];
  for (let entry = 0; entry < layout.source.entryCount; entry++) {
    const sizeBytes = layout.source.sizeBytes(entry);
    const moved = sizeBytes > longestMoved ? [] : ways.map((way) => move(way, entry, choice));
    const copied = sizeBytes < limits.smallestPartBytes ? undefined : copyCheapest(ways, entry, choice);
    ways = copied === undefined ? moved : worthFollowing([...moved, copied], choice);
  }
  const whole = ways.map((way) => finish(way, choice));
  return entriesOf(cheapestOf(whole).lastCopied);
}

/**
 * Moves a body: uploaded parts are cut before the header of the first entry that would make them too long.
 */
function move(way: Way, entry: number, { layout, limits, sizes, costs }: Choice): Way {
  const header = offsetAt(layout.localHeaderOffsets, entry);
  const end = offsetAt(layout.localHeaderOffsets, entry + 1);
  const isTooLong = end - way.partStart > sizes.uploadedBytes;
  if (!isTooLong || header - way.partStart < limits.smallestPartBytes) return way;
  return { ...way, partStart: header, cost: way.cost + costs.writeRequest };
}

/**
 * Copies a body in the cheapest of the ways that leave enough of it: whichever it is, a new part begins
 * behind it.
 */
function copyCheapest(ways: readonly Way[], entry: number, choice: Choice): Way | undefined {
  const copied = ways.flatMap((way) => copy(way, entry, choice));
  return copied.length === 0 ? undefined : cheapestOf(copied);
}

/** Copies a body but for the head that the uploaded part before it lacks to be a part. */
function copy(way: Way, entry: number, { layout, limits, sizes, costs }: Choice): readonly Way[] {
  const lackingBytes = way.partStart + limits.smallestPartBytes - dataOffset(layout, entry);
  const copiedBytes = layout.source.sizeBytes(entry) - Math.max(0, lackingBytes);
  if (copiedBytes < limits.smallestPartBytes) return [];
  const requests = (1 + Math.ceil(copiedBytes / sizes.copiedBytes)) * costs.writeRequest;
  const sparedRead = lackingBytes > 0 ? 0 : costs.readRequest;
  const cost = way.cost + requests - sparedRead + copiedBytes * (costs.copiedByte - costs.movedByte);
  const partStart = offsetAt(layout.localHeaderOffsets, entry + 1);
  return [{ partStart, cost, lastCopied: { entry, before: way.lastCopied } }];
}

/**
 * Drops a way when another, whose part begins at the same place, is no dearer, and when it is so much dearer
 * than the cheapest that a better beginning can not make up for it: that spares one uploaded part, or the
 * head of a body, at most.
 */
function worthFollowing(ways: readonly Way[], { limits, costs }: Choice): readonly Way[] {
  const worth = costs.writeRequest + costs.readRequest + limits.smallestPartBytes * costs.movedByte;
  const mostCost = cheapestOf(ways).cost + worth;
  const isBeaten = (way: Way, index: number) =>
    ways.some((other, at) => {
      const isCheaper = other.cost < way.cost || (other.cost === way.cost && at < index);
      return other.partStart === way.partStart && isCheaper;
    });
  return ways.filter((way, index) => way.cost <= mostCost && !isBeaten(way, index));
}

/** The last part's request, unless it is one with the closing parts, which are there anyway. */
function finish(way: Way, choice: Choice): Way {
  const isPart = startOfClosing(choice.layout, way.partStart, choice) > way.partStart;
  return isPart ? { ...way, cost: way.cost + choice.costs.writeRequest } : way;
}

function cheapestOf(ways: readonly Way[]): Way {
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best));
}

function entriesOf(lastCopied: Copied | undefined): readonly number[] {
  const entries: number[] = [];
  for (let copied = lastCopied; copied !== undefined; copied = copied.before) entries.push(copied.entry);
  return entries.reverse();
}
