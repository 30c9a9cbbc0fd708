import { z } from "zod";

/** What a worker tells of one call. */
export const workerAnswerSchema = z.object({
  /** Of the function. */
  answer: z.unknown(),
  /** How long the call took: what Lambda bills. */
  seconds: z.number(),
  cpuSeconds: z.number(),
  /** Most resident memory of the worker's process since it began. */
  peakBytes: z.number(),
});
export type WorkerAnswer = z.output<typeof workerAnswerSchema>;
