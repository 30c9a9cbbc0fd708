import { parseAssemblerEnv } from "./env.ts";
import { assemblerFunction } from "./wiring/assembler-function.ts";

/** Assembles archives inside S3: the queue of assembly work calls it with one piece at a time. */
export const handler = assemblerFunction(parseAssemblerEnv(process.env));
