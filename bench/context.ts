import type { Table } from "./report.ts";
import type { FilledStack } from "./stack/filled-stack.ts";
import type { StreamChoice } from "./stream/choice.ts";

/** What every section works with. */
export interface BenchContext {
  /** From above 0 to 1: how much of the full amount of work is done. */
  readonly scale: number;
  /** How often each contestant runs. */
  readonly rounds: number;
  /** Removed at the end. */
  readonly workDir: string;
  /** Started and filled when a section first needs it, and kept for the next. */
  readonly stack: FilledStack;
  readonly streamChoice: StreamChoice;
  /** Tells on stderr how far it is. */
  say(what: string): void;
}

/** One part of the benchmark: its tables as they get ready. */
export type Section = (context: BenchContext) => AsyncIterable<Table>;

/** A number of things at a scale, at least one. */
export function scaled(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale));
}
