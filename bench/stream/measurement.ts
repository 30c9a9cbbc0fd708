import { z } from "zod";

/** What one run of a contestant took. */
export const measurementSchema = z.object({
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
  /** Most resident memory of its process. */
  peakBytes: z.number(),
  /** From the beginning to the first chunk in the sink. */
  firstByteSeconds: z.number(),
  lengthBytes: z.number(),
  isWhole: z.boolean(),
  /** Only a part was run; time and CPU of the rest are reckoned from it. */
  isReckoned: z.boolean(),
});
export type Measurement = z.output<typeof measurementSchema>;

/** A measurement or the reason why there is none. */
export type Outcome = Measurement | string;
