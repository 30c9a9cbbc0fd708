import { z } from "zod";
import type { ZodOpenApiRequestBodyObject, ZodOpenApiResponseObject } from "zod-openapi";
import { rateLimit, requestId } from "./headers.ts";

/** A request body, with examples by what they are of. */
export function jsonBody(
  schema: z.ZodType,
  examples: Readonly<Record<string, unknown>>,
): ZodOpenApiRequestBodyObject {
  const named = Object.entries(examples).map(([summary, value]) => [
    summary.replaceAll(" ", "-"),
    { summary, value },
  ]);
  return {
    required: true,
    content: { "application/json": { schema, examples: Object.fromEntries(named) } },
  };
}

/** What a caller with a token is answered when all is well, and an example of it. */
export function jsonAnswer<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  example: z.output<Schema>,
): ZodOpenApiResponseObject {
  return {
    description,
    headers: z.object({ ...requestId, ...rateLimit }),
    content: { "application/json": { schema, example } },
  };
}
