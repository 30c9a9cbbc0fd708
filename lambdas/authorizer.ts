import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { z } from "zod";
import { parseAuthorizerEnv } from "./env.ts";
import { allowAll } from "./gateway/grant-context.ts";
import { createDynamoDbClient } from "./storage/dynamodb/client.ts";
import { createTokenStore } from "./storage/dynamodb/token-store.ts";

const env = parseAuthorizerEnv(process.env);
const tokens = createTokenStore(createDynamoDbClient(env.DYNAMODB_ENDPOINT), {
  tableName: env.TOKENS_TABLE,
  requestsPerMinute: env.REQUESTS_PER_MINUTE,
});

const tokenEvent = z.object({ authorizationToken: z.string(), methodArn: z.string() });
const bearer = /^Bearer +([\x21-\x7e]+) *$/i;

/** Who is asking, and what he may read: API Gateway's TOKEN authorizer. */
export async function handler(event: unknown): Promise<APIGatewayAuthorizerResult> {
  const { authorizationToken, methodArn } = tokenEvent.parse(event);
  const token = bearer.exec(authorizationToken)?.[1];
  const grant = token === undefined ? undefined : await tokens.findGrant(token, new Date());
  // API Gateway answers 401 to this very message, and 500 to any other.
  if (grant === undefined) throw new Error("Unauthorized");
  return allowAll(methodArn, grant);
}
