import { dataOffset, type Layout, localHeaderOffset, offsetAt } from "../../lambdas/layout/layout.ts";
import type { PartLimits } from "../../lambdas/parts/part-plan.ts";
import { bestPartSizes } from "../../lambdas/parts/part-sizes.ts";
import { type AssemblyPrices, unitCosts } from "../../lambdas/parts/prices.ts";

/**
 * The modelled cost of the cheapest of all plans with the best part sizes, in dollars, found by trying
 * everything: every body moved or copied, every cut of uploaded parts that the sizes allow, and what a part
 * lacks to be one taken from the head of the body behind it or from the tail of the body before. For few
 * entries.
 */
export function cheapestCost(layout: Layout, limits: PartLimits, prices: AssemblyPrices): number {
  return new Search(layout, limits, prices).costFrom(0, 0);
}

class Search {
  readonly #layout: Layout;
  readonly #limits: PartLimits;
  readonly #costs;
  readonly #sizes;
  readonly #known = new Map<string, number>();

  constructor(layout: Layout, limits: PartLimits, prices: AssemblyPrices) {
    this.#layout = layout;
    this.#limits = limits;
    this.#costs = unitCosts(prices);
    this.#sizes = bestPartSizes(limits);
  }

  /** The least cost of all from an entry on, when the part with its header begins at `partStart`. */
  costFrom(entry: number, partStart: number): number {
    const name = `${entry} ${partStart}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const isEnd = entry === this.#layout.source.entryCount;
    const cost = isEnd
      ? this.#closingCost(partStart)
      : Math.min(this.#movingCost(entry, partStart), this.#copyingCost(entry, partStart));
    this.#known.set(name, cost);
    return cost;
  }

  #movingCost(entry: number, partStart: number): number {
    const { layout, limits, costs } = { layout: this.#layout, limits: this.#limits, costs: this.#costs };
    const header = localHeaderOffset(layout, entry);
    const end = offsetAt(layout.localHeaderOffsets, entry + 1);
    const reads = layout.source.sizeBytes(entry) > 0 ? costs.readRequest : 0;
    const bytes = (end - header) * costs.movedByte + reads;
    const mayCut = header - partStart >= limits.smallestPartBytes;
    const mayGoOn = !mayCut || end - partStart <= this.#sizes.uploadedBytes;
    const cutting = mayCut ? costs.writeRequest + this.costFrom(entry + 1, header) : Number.POSITIVE_INFINITY;
    const goingOn = mayGoOn ? this.costFrom(entry + 1, partStart) : Number.POSITIVE_INFINITY;
    return bytes + Math.min(cutting, goingOn);
  }

  #copyingCost(entry: number, partStart: number): number {
    const { smallestPartBytes } = this.#limits;
    const costs = this.#costs;
    const data = dataOffset(this.#layout, entry);
    const end = offsetAt(this.#layout.localHeaderOffsets, entry + 1);
    const head = Math.max(data, partStart + smallestPartBytes);
    const ends = this.#tails(entry).map((tailBytes) => end - tailBytes);
    const byEnd = ends.map((copiedEnd) => {
      const copiedBytes = copiedEnd - head;
      if (copiedBytes < smallestPartBytes) return Number.POSITIVE_INFINITY;
      const movedBytes = head - localHeaderOffset(this.#layout, entry) + (end - copiedEnd);
      const writes = 1 + Math.ceil(copiedBytes / this.#sizes.copiedBytes);
      const reads = (head > data ? 1 : 0) + (end > copiedEnd ? 1 : 0);
      return (
        writes * costs.writeRequest +
        reads * costs.readRequest +
        movedBytes * costs.movedByte +
        copiedBytes * costs.copiedByte +
        this.costFrom(entry + 1, copiedEnd)
      );
    });
    return Math.min(...byEnd);
  }

  /**
   * Tails of a body that make a part, up to the data of some later entry or the end of them all, long enough
   * to be one.
   */
  #tails(entry: number): readonly number[] {
    const { smallestPartBytes } = this.#limits;
    const end = offsetAt(this.#layout.localHeaderOffsets, entry + 1);
    const { entryCount } = this.#layout.source;
    const tails = new Set([0]);
    for (let later = entry + 1; later <= entryCount; later++) {
      const to = later < entryCount ? dataOffset(this.#layout, later) : this.#layout.centralDirectoryOffset;
      const tailBytes = smallestPartBytes - (to - end);
      if (tailBytes > 0) tails.add(tailBytes);
    }
    return [...tails];
  }

  /**
   * What is left may be parts of its own, or part of the closing ones; the central directory passes through
   * compute.
   */
  #closingCost(partStart: number): number {
    const { centralDirectoryOffset, lengthBytes } = this.#layout;
    const directoryBytes = (lengthBytes - centralDirectoryOffset) * this.#costs.movedByte;
    const writes = (bytes: number) => Math.ceil(bytes / this.#sizes.uploadedBytes) * this.#costs.writeRequest;
    const together = writes(lengthBytes - partStart);
    const mayPart = centralDirectoryOffset - partStart >= this.#limits.smallestPartBytes;
    const apart = this.#costs.writeRequest + writes(lengthBytes - centralDirectoryOffset);
    return directoryBytes + Math.min(together, mayPart ? apart : Number.POSITIVE_INFINITY);
  }
}
