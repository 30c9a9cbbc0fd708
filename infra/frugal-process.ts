/**
 * How a function runs that lets other people's bytes through: what passes is garbage at once. V8 then needs little room for
 * what is young, and malloc one arena, from which memory goes back to the system. Source maps would take tens of megabytes.
 */
export const frugalProcess = {
  NODE_OPTIONS: "--max-semi-space-size=4",
  MALLOC_ARENA_MAX: "1",
} as const;
