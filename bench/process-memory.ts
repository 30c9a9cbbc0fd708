import { readFileSync, writeFileSync } from "node:fs";

/** Resident memory of a process as Linux counts it. */
export interface ProcessMemory {
  /** Most since the process began, or since resetPeak (VmHWM). */
  readonly peakBytes: number;
  /** Now (VmRSS). */
  readonly residentBytes: number;
}

/**
 * Source: proc_pid_status(5). Not getrusage: a child's maximum there begins with its parent's, from which it was
 * forked. Throws: Error where there is no /proc.
 */
export function readProcessMemory(pid: number | "self"): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return { peakBytes: fieldBytes(status, "VmHWM"), residentBytes: fieldBytes(status, "VmRSS") };
}

/** Lets the peak begin anew at what is resident now. False where that is not permitted. Source: proc_pid_clear_refs(5). */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
    return true;
  } catch {
    return false;
  }
}

function fieldBytes(status: string, field: string): number {
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc does not tell ${field}`);
  return Number(kibibytes) * 1024;
}
