import { z } from "zod";
import { BallError } from "../ball/errors.ts";

/** Longest request body, in bytes. */
export const maxBodyBytes = 1024 * 1024;

/**
 * A request body in JSON, as `schema` has it.
 * Throws: BallError("request-too-large"), BallError("invalid-request") that says of the first place that is wrong
 * where it is, what was expected and what was found.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  const bodyBytes = Buffer.byteLength(body, "utf8");
  if (bodyBytes > maxBodyBytes) {
    throw new BallError(
      "request-too-large",
      `The request body has ${bodyBytes} bytes; ${maxBodyBytes} are the most it may have`,
    );
  }
  const result = schema.safeParse(parseJson(body), { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw result.error;
  const at = issue.path.length === 0 ? "request body" : z.core.toDotPath(issue.path);
  throw new BallError("invalid-request", explain(issue), { at });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const detail = cause instanceof SyntaxError ? ` (${cause.message})` : "";
    throw new BallError("invalid-request", `The request body is not JSON${detail}`, { cause });
  }
}

function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `${expectedNames[issue.expected] ?? issue.expected} was expected, not ${kindOf(issue.input)}`;
    case "invalid_value": {
      const values = issue.values.map((value) => JSON.stringify(value)).join(" or ");
      const found = typeof issue.input === "string" ? JSON.stringify(issue.input) : kindOf(issue.input);
      return `${values} was expected, not ${found}`;
    }
    case "too_small":
      return issue.origin === "array" ? "the list is empty" : issue.message;
    case "too_big":
      return `${lengthOf(issue.input)} characters are too many: at most ${issue.maximum} are allowed`;
    default:
      return issue.message;
  }
}

const expectedNames: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  string: "a string",
};

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

/** What was found, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
