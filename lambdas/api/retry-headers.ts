import type { BallError } from "../ball/errors.ts";
import type { Problem } from "./dialect.ts";

/** Says when it is worth asking again, where a failure tells: `Retry-After` in whole seconds (RFC 9110 section 10.2.3). */
export function retryHeaders({ retryAfterSeconds }: BallError): Pick<Problem, "headers"> {
  if (retryAfterSeconds === undefined) return {};
  return { headers: { "Retry-After": `${Math.max(Math.ceil(retryAfterSeconds), 1)}` } };
}
