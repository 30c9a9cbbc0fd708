import { BallError, failedWith } from "../../ball/errors.ts";
import { isExpired, isNotOfS3 } from "./failures.ts";
import { exceptionOf, retryAfterMs, textOf } from "./object-answer.ts";
import type { Refusal } from "./object-attempt.ts";
import type { ObjectClient } from "./object-client.ts";

/** What makes another attempt worth while. */
export interface Remedy {
  /** How long S3 asks to be left alone. */
  readonly askedForMs: number;
  /** Whether it is asked for too much. */
  readonly isThrottled: boolean;
  readonly apply: (client: ObjectClient) => Promise<void> | void;
}

const again: Remedy = { askedForMs: 0, isThrottled: false, apply: () => undefined };

/** By which servers that speak S3 say that they are asked for too much, whatever the status (as the SDK has them). */
const throttlingCodes: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "LimitExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** The remedy for what a refusal says; undefined when S3 means it. */
export function remedyOfRefusal(refusal: Refusal): Remedy | undefined {
  const { status, headers, begunAtMs } = refusal;
  const exception = exceptionOf(refusal);
  const { name } = exception;
  const isThrottled = status === 503 || status === 429 || throttlingCodes.has(name);
  if (isThrottled || status >= 500 || status === 408)
    return { ...again, askedForMs: retryAfterMs(refusal), isThrottled };
  if (name === "RequestTimeout" || isNotOfS3(exception)) return again;
  if (isExpired(exception)) return { ...again, apply: (client) => client.renewCredentials(begunAtMs) };
  if (name !== "RequestTimeTooSkewed") return undefined;
  return { ...again, apply: (client) => client.correctClock(textOf(headers.date) ?? "") };
}

/** The remedy for what broke an attempt off: sockets and bodies are tried again, a changed object and our own errors not. */
export function remedyOfError(error: unknown): Remedy | undefined {
  if (failedWith(error, "source-corrupt")) return again;
  if (error instanceof BallError || !(error instanceof Error) || !("code" in error)) return undefined;
  // A request that undici did not take it would not take the next time.
  return error.code === "UND_ERR_INVALID_ARG" ? undefined : again;
}
