import type { Layout } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { fakeSource } from "../layout/fake-source.ts";

export const kib = 2 ** 10;
export const mib = 2 ** 20;
export const gib = 2 ** 30;
export const tib = 2 ** 40;

/** The layout of entries of these sizes, whose local file headers take 44 bytes up to 4 GiB. */
export function layoutOf(sizes: ArrayLike<number>, nameLengthBytes = 5): Layout {
  return planLayout(
    fakeSource({
      entryCount: sizes.length,
      sizeBytes: (entry) => sizes[entry] ?? 0,
      nameLengthBytes: () => nameLengthBytes,
    }),
  );
}

/** So many entries of one size. */
export function times(count: number, sizeBytes: number): number[] {
  return new Array<number>(count).fill(sizeBytes);
}
