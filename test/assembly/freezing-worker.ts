import type { AssemblyContext } from "../../lambdas/assembly/assembly-context.ts";
import { type Request, requestsThrough } from "./requests-through.ts";

/** A worker's surroundings, in which it stands still for a while, and does not know of it. */
export interface FreezingWorker {
  readonly context: AssemblyContext;
  /** Requests it made, the last included. */
  readonly requestCount: () => number;
  /** Resolves when it stands still. */
  readonly frozen: Promise<"frozen">;
  /** Lets it go on. */
  thaw(): void;
}

/** A worker that is frozen before its nth request to S3, DynamoDB or SQS: reads of sources are not counted. */
export function freezingWorker(context: AssemblyContext, nth: number): FreezingWorker {
  let requests = 0;
  const { promise: frozen, resolve: freeze } = Promise.withResolvers<"frozen">();
  const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
  const request: Request = async (send) => {
    requests += 1;
    if (requests >= nth) {
      freeze("frozen");
      await thawed;
    }
    return await send();
  };
  return { context: requestsThrough(context, request), requestCount: () => requests, frozen, thaw };
}
