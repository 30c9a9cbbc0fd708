import { z } from "zod";
import { inputOf } from "../../bench/child.ts";
import { parseAssemblerEnv } from "../../lambdas/env.ts";
import { assemblerFunction } from "../../lambdas/wiring/assembler-function.ts";
import { remainingUntil } from "../../local/api-gateway/lambda-function.ts";
import { workerPlans } from "./worker-plans.ts";

/**
 * Run by WorkerProcesses: one worker as Lambda has it, a process in which the assembler is called with one event at a
 * time. Leases live by the clock, which the tests set forward: each call tells what time it is.
 */

const call = z.object({ event: z.unknown(), nowEpochMs: z.number(), timeoutMs: z.number() });

const { plan } = inputOf(z.object({ plan: z.enum(["as deployed", "copying pays", "few parts"]) }));
const handler = assemblerFunction(parseAssemblerEnv(process.env), workerPlans[plan]);
const clock = Date.now;

process.on("message", async (message) => {
  const { event, nowEpochMs, timeoutMs } = call.parse(message);
  const aheadMs = nowEpochMs - clock();
  Date.now = () => clock() + aheadMs;
  const getRemainingTimeInMillis = remainingUntil(Date.now() + timeoutMs);
  process.send?.({ answer: await handler(event, { getRemainingTimeInMillis }) });
});
process.send?.({ isReady: true });
