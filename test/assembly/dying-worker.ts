import type { AssemblyContext } from "../../lambdas/assembly/assembly-context.ts";
import { type Request, requestsThrough } from "./requests-through.ts";

/** What happens to the request at which a worker dies. */
export type Death = "before it is sent" | "before it is answered";

/** A worker's surroundings, until it dies: from then on no answer reaches it any more. */
export interface DyingWorker {
  readonly context: AssemblyContext;
  /** Requests it made, the last included. */
  readonly requestCount: () => number;
  /** Resolves when it has died. */
  readonly died: Promise<"died">;
}

/** A worker that dies at its nth request to S3, DynamoDB or SQS: reads of sources are not counted, and die with it. */
export function dyingWorker(context: AssemblyContext, nth: number, death: Death): DyingWorker {
  let requests = 0;
  const { promise: died, resolve } = Promise.withResolvers<"died">();
  const never = new Promise<never>(() => {});
  const request: Request = async (send) => {
    requests += 1;
    const present = requests;
    if (present > nth) return await never;
    if (present === nth && death === "before it is answered") await send();
    if (present < nth) return await send();
    resolve("died");
    return await never;
  };
  return { context: requestsThrough(context, request), requestCount: () => requests, died };
}
