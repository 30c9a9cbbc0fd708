import { isOfObject } from "./object-entries.ts";
import type { OpenAssembly } from "./open-assembly.ts";

/** Puts entries among the findings whose bytes do not have the CRC-32 that `told` knows of them. None of these has gone out. */
export function noteRefuted(
  { manifest, ball: { planNumber }, findings }: OpenAssembly,
  refuted: Iterable<number>,
  told: (entry: number) => number | undefined,
): void {
  for (const entry of refuted) {
    const crc32 = told(entry);
    if (crc32 === undefined || !isOfObject(manifest, entry)) continue;
    findings.refute(entry, { source: manifest.source(entry), planNumber, crc32, hasLeft: false });
  }
}
