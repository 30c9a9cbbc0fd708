import type { AssemblyContext } from "../../lambdas/assembly/assembly-context.ts";

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
  const request = async (send: () => unknown): Promise<unknown> => {
    requests += 1;
    const present = requests;
    if (present > nth) return await never;
    if (present === nth && death === "before it is answered") await send();
    if (present < nth) return await send();
    resolve("died");
    return await never;
  };
  const dying = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => request(() => Reflect.apply(member, target, args));
      },
    });
  const { store, assemblies, archives, queue } = context;
  const ports = {
    store: dying(store),
    assemblies: dying(assemblies),
    archives: dying(archives),
    queue: dying(queue),
  };
  return { context: { ...context, ...ports }, requestCount: () => requests, died };
}
