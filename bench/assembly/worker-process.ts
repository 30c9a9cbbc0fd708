import { z } from "zod";
import { parseAssemblerEnv } from "../../lambdas/env.ts";
import { assemblerFunction } from "../../lambdas/wiring/assembler-function.ts";
import { remainingUntil } from "../../local/api-gateway/lambda-function.ts";
import { answerWith } from "../child.ts";
import { readProcessMemory } from "../process-memory.ts";
import { readClocks } from "../stream/measuring-sink.ts";
import type { WorkerAnswer } from "./worker-answer.ts";

/** Run by Workers: one worker as Lambda has it, a process in which the assembler is called with one event at a time. */

const call = z.object({ event: z.unknown(), timeoutMs: z.number() });
const handler = assemblerFunction(parseAssemblerEnv(process.env));

process.on("message", async (message) => {
  const { event, timeoutMs } = call.parse(message);
  const begin = readClocks();
  const getRemainingTimeInMillis = remainingUntil(Date.now() + timeoutMs);
  const answer = await handler(event, { getRemainingTimeInMillis });
  const end = readClocks();
  answerWith({
    answer,
    seconds: end.wallSeconds - begin.wallSeconds,
    cpuSeconds: end.cpuSeconds - begin.cpuSeconds,
    peakBytes: readProcessMemory("self").peakBytes,
  } satisfies WorkerAnswer);
});
process.once("disconnect", () => process.exit());
answerWith("ready");
