/** What one download may use. */
export interface StreamLimits {
  /** Most bytes in memory that were asked for and are not written yet. */
  readonly windowBytes: number;
  /** Most reads under way at a time. */
  readonly connections: number;
}

const MiB = 1024 * 1024;

/** Six pieces of bodies side by side, or as many small ones as there are connections. */
const ample: StreamLimits = { windowBytes: 12 * MiB, connections: 256 };
/** Where Node itself, with what it has loaded, takes a third of the memory. */
const small: StreamLimits = { windowBytes: 4 * MiB, connections: 64 };
/** Memory below which the small limits hold. */
const ampleMiB = 512;

/** The limits for a process that has so much memory; undefined: enough. */
export function limitsFor(memoryMib: number | undefined): StreamLimits {
  return hasLittleMemory(memoryMib) ? small : ample;
}

/** Whether so much memory is to be used sparingly; undefined: there is enough. */
export function hasLittleMemory(memoryMib: number | undefined): boolean {
  return memoryMib !== undefined && memoryMib < ampleMiB;
}
