/**
 * Settings of glibc's malloc, which reads them once, when a process begins (mallopt(3)): few arenas, and buffers of
 * 64 KiB on in mappings of their own, which go back to the system when they are freed. Left alone, malloc moves that
 * limit up with what it sees freed, and a process that streams keeps tens of megabytes in holes.
 */
export const frugalAllocator = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/**
 * Begins this process again, in its own place, with a frugal allocator: the same process id, arguments and streams.
 * Does nothing where that has been done, nor on other systems. To be called before anything is opened.
 */
export function useFrugalAllocator(): void {
  const isSet = Object.keys(frugalAllocator).every((name) => process.env[name] !== undefined);
  if (isSet || process.platform !== "linux" || process.execve === undefined) return;
  const [script, ...scriptArguments] = process.argv.slice(1);
  if (script === undefined) return;
  const args = [process.execPath, ...process.execArgv, script, ...scriptArguments];
  process.execve(process.execPath, args, { ...frugalAllocator, ...process.env });
}
