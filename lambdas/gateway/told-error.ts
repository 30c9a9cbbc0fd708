import { z } from "zod";

/** What a log tells of an error. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  /** As Node and undici name what happens to a socket: `ECONNRESET`. */
  readonly code?: string | undefined;
  /** Of the answer with which S3 or DynamoDB refused; their own code is the name: `SlowDown`. */
  readonly status?: number | undefined;
}

/** The fields by which errors of Node and the AWS SDK tell more than their message. */
const telling = z.object({
  code: z.string().optional().catch(undefined),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional().catch(undefined),
});

/** An error, or whatever else was thrown, without its fields that nobody knows: they may hold anything. */
export function tellError(thrown: unknown): ToldError {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: String(thrown) };
  const { code, $metadata } = telling.parse(thrown);
  return { name: thrown.name, message: thrown.message, code, status: $metadata?.httpStatusCode };
}

/** More than any chain has; an error may be made its own cause. */
const mostCauses = 8;

/** What led to an error, the nearest cause first. */
export function causesOf(error: unknown): readonly ToldError[] {
  const causes: ToldError[] = [];
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause !== undefined && causes.length < mostCauses) {
    causes.push(tellError(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}
