import { scaled } from "../context.ts";
import { Chance } from "../stream/chance.ts";
import type { PlannedObject } from "../stream/describe-objects.ts";

/** One archive to be made. */
export interface AssemblySet {
  readonly name: SetName;
  readonly title: string;
  readonly objects: readonly PlannedObject[];
  /** What whoever moves every byte makes instead where all would take too long: an archive of each, and what it stands for. */
  readonly samples: readonly Sample[];
}

/** Objects that stand for alike ones of a set. */
export interface Sample {
  readonly objects: readonly PlannedObject[];
  readonly standsFor: readonly PlannedObject[];
}

export const setNames = ["large", "medium", "small", "mixed"] as const;
export type SetName = (typeof setNames)[number];

/** The set at a scale: fewer objects, of `large` smaller ones. */
export function setAt(name: SetName, scale: number): AssemblySet {
  switch (name) {
    case "large": {
      const sizeMiB = scaled(10 * 1024, scale);
      const objects = alike("large", 4, sizeMiB * MiB);
      const sample = alike("sample of large", 4, Math.ceil(sizeMiB / 10) * MiB);
      const samples = [{ objects: sample, standsFor: objects }];
      return { name, title: `4 × ${thousands(sizeMiB)} MiB`, objects, samples };
    }
    case "medium":
      return whole(name, "10 MiB", alike("medium", scaled(200, scale), 10 * MiB));
    case "small":
      return whole(name, "10 KiB", alike("small", scaled(10_000, scale), 10 * KiB));
    case "mixed":
      return mixed(scaled(100, scale));
  }
}

function whole(name: SetName, size: string, objects: readonly PlannedObject[]): AssemblySet {
  const title = `${thousands(objects.length)} × ${size}`;
  return { name, title, objects, samples: [{ objects, standsFor: objects }] };
}

/**
 * Projects of some 10 GiB each, 100 of which are 1 TiB: 990 small files of 1 to 128 KiB, as many of 1 to 2 as of 64 to 128,
 * nine of 100 MiB, and the rest in one.
 */
function mixed(projectCount: number): AssemblySet {
  const chance = new Chance();
  const projects = Array.from({ length: projectCount }, (_, number) => project(number, chance));
  const objects = projects.flatMap(({ small, medium, large }) => [...small, ...medium, large]);
  const tenth = projects.slice(0, Math.ceil(projectCount / 10));
  const [first] = projects;
  if (first === undefined) throw new RangeError("A mixture has one project at least");
  const part = { key: `sample of ${first.large.key}`, sizeBytes: Math.ceil(first.large.sizeBytes / 4) };
  const samples = [
    { objects: tenth.flatMap(({ small }) => small), standsFor: projects.flatMap(({ small }) => small) },
    { objects: first.medium, standsFor: projects.flatMap(({ medium }) => medium) },
    { objects: [part], standsFor: projects.map(({ large }) => large) },
  ];
  const title = `${thousands(objects.length)} mixed, ${thousands(Math.round(bytesOf(objects) / 1024 ** 3))} GiB`;
  return { name: "mixed", title, objects, samples };
}

interface Project {
  readonly small: readonly PlannedObject[];
  readonly medium: readonly PlannedObject[];
  readonly large: PlannedObject;
}

function project(number: number, chance: Chance): Project {
  const folder = `projects/${String(number).padStart(2, "0")}`;
  const small = alike(`${folder}/notes`, 990, 0).map(({ key }) => {
    const doublings = (7 * chance.between(0, 1_000_000)) / 1_000_000;
    return { key, sizeBytes: Math.round(KiB * 2 ** doublings) };
  });
  const medium = alike(`${folder}/scans`, 9, 100 * MiB);
  const sizeBytes = Math.floor(1024 ** 4 / 100) - bytesOf(small) - bytesOf(medium);
  return { small, medium, large: { key: `${folder}/recording.bin`, sizeBytes } };
}

/** Bytes of all objects together. */
export function bytesOf(objects: readonly PlannedObject[]): number {
  return objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
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
