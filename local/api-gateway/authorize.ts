import { z } from "zod";
import type { GatewayAnswer } from "./gateway-answer.ts";
import { invoke, type LambdaContext, type LambdaFunction } from "./lambda-function.ts";
import { allowsInvoke, policySchema } from "./policy.ts";

/** What the authorizer let through, as it stands in `requestContext.authorizer`; or what the caller is told. */
export type Authorization =
  | { readonly kind: "granted"; readonly context: Readonly<Record<string, string>> }
  | { readonly kind: "refused"; readonly answer: GatewayAnswer; readonly failure?: unknown };

export interface AuthorizationRequest {
  readonly token: string | undefined;
  readonly methodArn: string;
  readonly context: LambdaContext;
}

/**
 * API Gateway's TOKEN authorizer: asks the authorizer function about the Authorization header and evaluates the
 * policy that it answers. Policies are kept per token for `ttlSeconds`, of which 0 keeps none: a token that is
 * taken back stops working at once.
 * Source: API Gateway developer guide, "Input to / Output from an API Gateway Lambda authorizer".
 */
export class TokenAuthorizer {
  readonly #handler: LambdaFunction;
  readonly #ttlSeconds: number;
  readonly #kept = new Map<string, { grant: Grant; expiresAt: number }>();

  constructor(handler: LambdaFunction, ttlSeconds: number) {
    this.#handler = handler;
    this.#ttlSeconds = ttlSeconds;
  }

  async authorize({ token, methodArn, context }: AuthorizationRequest): Promise<Authorization> {
    if (token === undefined || token === "") return unauthorized;
    try {
      const grant = await this.#grantOf(token, methodArn, context);
      return allowsInvoke(grant.policyDocument, methodArn)
        ? { kind: "granted", context: { ...grant.context, principalId: grant.principalId } }
        : { kind: "refused", answer: { problem: "ACCESS_DENIED" } };
    } catch (error) {
      // The one message by which a function says 401 rather than that it failed.
      if (error instanceof Error && error.message === "Unauthorized") return unauthorized;
      return { kind: "refused", answer: { problem: "DEFAULT_5XX" }, failure: error };
    }
  }

  async #grantOf(token: string, methodArn: string, context: LambdaContext): Promise<Grant> {
    const kept = this.#kept.get(token);
    if (kept !== undefined && kept.expiresAt > Date.now()) return kept.grant;
    this.#kept.delete(token);
    const event = { type: "TOKEN", authorizationToken: token, methodArn };
    const grant = grantSchema.parse(await invoke(this.#handler, [event, context]));
    if (this.#ttlSeconds > 0) {
      this.#kept.set(token, { grant, expiresAt: Date.now() + this.#ttlSeconds * 1000 });
    }
    return grant;
  }
}

const unauthorized: Authorization = { kind: "refused", answer: { problem: "UNAUTHORIZED" } };

const contextValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const grantSchema = z.object({
  principalId: z.string(),
  policyDocument: policySchema,
  // Arrays and objects are a configuration error to API Gateway, and to this schema.
  context: z.record(z.string(), contextValue).nullish(),
});

type Grant = z.output<typeof grantSchema>;
