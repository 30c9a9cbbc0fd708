import { scaled } from "../context.ts";
import { Chance } from "./chance.ts";
import type { PlannedObject } from "./describe-objects.ts";

/**
 * What people keep: albums of photos, each with a small file beside it, some with a video; papers; and folders of thousands of
 * tiny files, one after another. At scale 1: 40 folders, some 4,000 objects and 2 GiB. The same in every run.
 */
export function mixture(scale: number): PlannedObject[] {
  const chance = new Chance();
  return Array.from({ length: scaled(40, scale) }, (_, number) => folder(number, chance, scale)).flat();
}

function folder(number: number, chance: Chance, scale: number): PlannedObject[] {
  const sizes = sizesOf(number, chance, scale);
  const name = `home/${String(number).padStart(2, "0")} ${kindOf(number)}`;
  return sizes.map(([file, sizeBytes]) => ({ key: `${name}/${file}`, sizeBytes }));
}

type FileSize = readonly [file: string, sizeBytes: number];

function sizesOf(number: number, chance: Chance, scale: number): FileSize[] {
  switch (kindOf(number)) {
    case "album":
      return [...album(chance), ...(number % 10 === 0 ? [video(chance, scale)] : [])];
    case "papers":
      return files("Letter", "pdf", chance.between(50, 110), () => chance.between(20 * KiB, 300 * KiB));
    case "sources":
      return files("module", "ts", chance.between(200, 300), () => chance.between(0, 4 * KiB));
  }
}

function kindOf(number: number): "album" | "papers" | "sources" {
  if (number % 2 === 0) return "album";
  return number % 4 === 1 ? "sources" : "papers";
}

function album(chance: Chance): FileSize[] {
  const photos = files("IMG", "jpg", chance.between(4, 12), () => chance.between(3 * MiB, 8 * MiB));
  return photos.flatMap((photo) => [photo, [photo[0].replace(".jpg", ".xmp"), chance.between(0, 4 * KiB)]]);
}

/** Smaller at a smaller scale, or it would be all there is. */
function video(chance: Chance, scale: number): FileSize {
  return ["MOV 0001.mp4", Math.round(scale * chance.between(100 * MiB, 400 * MiB))];
}

function files(stem: string, extension: string, count: number, sizeBytes: () => number): FileSize[] {
  return Array.from({ length: count }, (_, index) => [
    `${stem} ${String(index + 1).padStart(4, "0")}.${extension}`,
    sizeBytes(),
  ]);
}

const KiB = 1024;
const MiB = 1024 * KiB;
