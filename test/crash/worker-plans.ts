import type { PartPlanOptions } from "../../lambdas/parts/plan-parts.ts";
import { copyingPays, fewParts } from "../assembly/small-balls.ts";

/** How workers plan, by names that a process can be told. */
export const workerPlans = {
  "as deployed": {},
  "copying pays": copyingPays,
  "few parts": fewParts,
} as const satisfies Record<string, PartPlanOptions>;

export type WorkerPlan = keyof typeof workerPlans;
