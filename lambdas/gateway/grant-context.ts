import type { APIGatewayAuthorizerResult } from "aws-lambda";
import { z } from "zod";
import { BallError } from "../ball/errors.ts";
import type { Grant } from "../ball/grant.ts";

/**
 * The policy that lets a caller use this stage of the API, and the grant for the functions. It covers every
 * method, not only the one asked for: API Gateway keeps it for all further requests with the same token.
 */
export function allowAll(methodArn: string, grant: Grant): APIGatewayAuthorizerResult {
  // arn:aws:execute-api:region:account:api/stage/METHOD/path
  const [api, stage] = methodArn.split("/");
  const { tokenId, bucket, prefixes, requestsPerMinute } = grant;
  return {
    principalId: tokenId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${api}/${stage}/*` }],
    },
    // Lists and objects are no values of a context.
    context: { tokenId, bucket, prefixes: JSON.stringify(prefixes), requestsPerMinute },
  };
}

/** API Gateway hands every value of the context on as text. */
const grantContext = z.object({
  tokenId: z.string().min(1),
  bucket: z.string().min(1),
  prefixes: z.string().transform((json) => z.array(z.string()).parse(JSON.parse(json))),
  requestsPerMinute: z.coerce.number().int().positive(),
});

/**
 * The grant that allowAll put into the context of a request.
 * Throws: BallError("unauthorized") for a request that no authorizer saw, ZodError for a context of another's making.
 */
export function grantOf(authorizerContext: Readonly<Record<string, unknown>> | undefined): Grant {
  if (authorizerContext === undefined) throw new BallError("unauthorized", "The access token is invalid");
  return grantContext.parse(authorizerContext);
}
