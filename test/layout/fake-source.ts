import type { LayoutSource } from "../../lambdas/layout/layout.ts";

/** Numbers of entries that need not exist anywhere: a layout is made from numbers alone. */
export interface FakeNumbers {
  readonly entryCount: number;
  readonly writerVersion?: number;
  readonly nameLengthBytes?: (entry: number) => number;
  readonly sizeBytes?: (entry: number) => number;
  readonly mtimeEpochSeconds?: (entry: number) => number;
  readonly isDirectory?: (entry: number) => boolean;
}

/** A source of any size; every name is a run of "n". */
export function fakeSource(numbers: FakeNumbers): LayoutSource {
  const {
    entryCount,
    writerVersion = 1,
    nameLengthBytes = () => 5,
    sizeBytes = () => 0,
    mtimeEpochSeconds = () => 1_700_000_001,
    isDirectory = () => false,
  } = numbers;
  return {
    entryCount,
    writerVersion,
    nameLengthBytes,
    sizeBytes,
    mtimeEpochSeconds,
    isDirectory,
    writeName: (entry, target, offset) => {
      target.fill(0x6e, offset, offset + nameLengthBytes(entry));
    },
  };
}
