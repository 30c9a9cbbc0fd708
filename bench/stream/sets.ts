import { scaled } from "../context.ts";
import type { PlannedObject } from "./describe-objects.ts";
import { evenly, type Lateness, never } from "./lateness.ts";
import { mixture } from "./mixture.ts";

/** One archive to be made, and of what origin. */
export interface StreamSet {
  readonly name: SetName;
  readonly title: string;
  readonly objects: readonly PlannedObject[];
  readonly lateness: Lateness;
  /** Who asks for one object after another makes the archive of so many first ones; the rest is reckoned. */
  readonly oneByOneObjects: number;
}

export const setNames = ["small", "medium", "large", "mixture", "late", "tail"] as const;
export type SetName = (typeof setNames)[number];

/** The set at a scale: fewer objects, of `large` smaller ones. */
export function setAt(name: SetName, scale: number): StreamSet {
  switch (name) {
    case "small":
      return punctual(name, `${thousands(scaled(10_000, scale))} × 10 KiB`, small(scale));
    case "medium": {
      const count = scaled(200, scale);
      return punctual(name, `${count} × 10 MiB`, alike(name, count, 10 * MiB));
    }
    case "large": {
      const sizeMiB = scaled(1024, scale);
      return punctual(name, `4 × ${thousands(sizeMiB)} MiB`, alike(name, 4, sizeMiB * MiB));
    }
    case "mixture":
      return punctual(name, "a mixture", mixture(scale));
    case "late":
      return late(name, "30 ms to the first byte", evenly(30), small(scale), 500);
    case "tail": {
      const lateness = { firstByteMs: 60, slowFirstByteMs: 500, slowOnceIn: 20 };
      return late(name, "60 ms to the first byte, 5% 500 ms", lateness, small(scale), 320);
    }
  }
}

function punctual(name: SetName, title: string, objects: readonly PlannedObject[]): StreamSet {
  return { name, title, objects, lateness: never, oneByOneObjects: objects.length };
}

function late(
  name: SetName,
  how: string,
  lateness: Lateness,
  objects: readonly PlannedObject[],
  oneByOneObjects: number,
): StreamSet {
  const title = `${thousands(objects.length)} × 10 KiB, ${how}`;
  return { name, title, objects, lateness, oneByOneObjects: Math.min(oneByOneObjects, objects.length) };
}

function small(scale: number): PlannedObject[] {
  return alike("small", scaled(10_000, scale), 10 * KiB);
}

function alike(folder: string, count: number, sizeBytes: number): PlannedObject[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `${folder}/object ${String(index).padStart(5, "0")}.bin`,
    sizeBytes,
  }));
}

function thousands(count: number): string {
  return count.toLocaleString("en");
}

const KiB = 1024;
const MiB = 1024 * KiB;
