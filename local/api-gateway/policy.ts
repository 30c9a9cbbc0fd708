import { z } from "zod";

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** The IAM policies an authorizer may answer here; conditions and the Not… elements are refused, not ignored. */
export const policySchema = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z
    .union([statementSchema(), z.array(statementSchema())])
    .transform((statements) => [statements].flat()),
});

export type Policy = z.output<typeof policySchema>;

/**
 * Whether a policy lets its caller invoke a method. A Deny beats every Allow; without an Allow nobody may.
 * `methodArn`: `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`.
 * Source: API Gateway developer guide, "How API Gateway resource policies affect authorization workflow".
 */
export function allowsInvoke(policy: Policy, methodArn: string): boolean {
  const applying = policy.Statement.filter(
    (statement) =>
      statement.Action.some((action) => matchesWildcards(action, "execute-api:Invoke", "i")) &&
      statement.Resource.some((resource) => matchesWildcards(resource, methodArn)),
  );
  return applying.length > 0 && applying.every((statement) => statement.Effect === "Allow");
}

/** IAM's wildcards: `*` is any run of characters, slashes too; `?` is any one. */
function matchesWildcards(pattern: string, text: string, flags = ""): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`).test(text);
}

function statementSchema() {
  return z.strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(["Allow", "Deny"]),
    Action: oneOrMore,
    Resource: oneOrMore,
  });
}
