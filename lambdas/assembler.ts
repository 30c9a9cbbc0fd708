import { Logger } from "@aws-lambda-powertools/logger";
import { parseAssemblerEnv } from "./env.ts";
import { batchFunction } from "./queue/batch-function.ts";

parseAssemblerEnv(process.env);

/** Placeholder until there is a worker: what the queue of assembly work brings fails, and comes again. */
export const handler = batchFunction(new Logger({ serviceName: "assembler" }), async () => {
  throw new Error("Archives can not be assembled yet");
});
