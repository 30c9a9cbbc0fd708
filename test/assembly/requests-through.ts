import type { AssemblyContext } from "../../lambdas/assembly/assembly-context.ts";

/** Sends a request, or does not; what it answers is the answer. */
export type Request = (send: () => unknown) => Promise<unknown>;

/** The same surroundings, whose requests to S3, DynamoDB and SQS all go through `request`; reads of sources do not. */
export function requestsThrough(context: AssemblyContext, request: Request): AssemblyContext {
  const through = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => request(() => Reflect.apply(member, target, args));
      },
    });
  const { store, assemblies, archives, queue } = context;
  return {
    ...context,
    store: through(store),
    assemblies: through(assemblies),
    archives: through(archives),
    queue: through(queue),
  };
}
