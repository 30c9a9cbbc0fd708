import type { APIGatewayAuthorizerResult } from "aws-lambda";
import type { Grant } from "../ball/grant.ts";

/**
 * The policy that lets a caller use this stage of the API, and what the functions are told of him. It covers every
 * method, not only the one asked for: API Gateway keeps it for all further requests with the same token.
 */
export function allowAll(methodArn: string, grant: Grant): APIGatewayAuthorizerResult {
  // arn:aws:execute-api:region:account:api/stage/METHOD/path
  const [api, stage] = methodArn.split("/");
  return {
    principalId: grant.bucket,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${api}/${stage}/*` }],
    },
    context: { bucket: grant.bucket },
  };
}
