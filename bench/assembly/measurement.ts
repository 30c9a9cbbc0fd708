import { z } from "zod";

/** What making one archive in a process of its own took. */
export const measurementSchema = z.object({
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  /** Most resident memory of its process. */
  peakBytes: z.number(),
});

export type Measurement = z.output<typeof measurementSchema>;
