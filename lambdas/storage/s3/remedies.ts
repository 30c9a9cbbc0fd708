import { BallError, failedWith } from "../../ball/errors.ts";
import { isExpired } from "./failures.ts";
import { exceptionOf, retryAfterMs, textOf } from "./object-answer.ts";
import type { Refusal } from "./object-attempt.ts";
import type { ObjectClient } from "./object-client.ts";

/** What makes another attempt worth while. */
export interface Remedy {
  /** How long S3 asks to be left alone. */
  readonly pauseMs: number;
  readonly apply: (client: ObjectClient) => Promise<void> | void;
}

const again: Remedy = { pauseMs: 0, apply: () => undefined };

/** The remedy for what a refusal says; undefined when S3 means it. */
export function remedyOfRefusal(refusal: Refusal): Remedy | undefined {
  const { status, headers, begunAtMs } = refusal;
  if (status >= 500 || status === 429 || status === 408) return { ...again, pauseMs: retryAfterMs(refusal) };
  const exception = exceptionOf(refusal);
  const { name } = exception;
  if (name === "RequestTimeout") return again;
  if (isExpired(exception)) return { ...again, apply: (client) => client.renewCredentials(begunAtMs) };
  if (name !== "RequestTimeTooSkewed") return undefined;
  return { ...again, apply: (client) => client.correctClock(textOf(headers.date) ?? "") };
}

/** The remedy for what broke an attempt off: sockets and bodies are tried again, a changed object and our own errors not. */
export function remedyOfError(error: unknown): Remedy | undefined {
  if (failedWith(error, "source-corrupt")) return again;
  if (error instanceof BallError || !(error instanceof Error) || !("code" in error)) return undefined;
  // undici did not take the request: it would not the next time.
  return error.code === "UND_ERR_INVALID_ARG" ? undefined : again;
}
