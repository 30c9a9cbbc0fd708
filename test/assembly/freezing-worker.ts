import type { AssemblyContext } from "../../lambdas/assembly/assembly-context.ts";

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
  const request = async (send: () => unknown): Promise<unknown> => {
    requests += 1;
    if (requests >= nth) {
      freeze("frozen");
      await thawed;
    }
    return await send();
  };
  const freezing = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => request(() => Reflect.apply(member, target, args));
      },
    });
  const { store, assemblies, archives, queue } = context;
  const ports = {
    store: freezing(store),
    assemblies: freezing(assemblies),
    archives: freezing(archives),
    queue: freezing(queue),
  };
  return { context: { ...context, ...ports }, requestCount: () => requests, frozen, thaw };
}
