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
  const result = schema.safeParse(parseJson(body), { reportInput: true, error: explain });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw result.error;
  throw new BallError("invalid-request", issue.message, { at: placeOf(issue) });
}

/** As in `items[17].id`. */
function placeOf(issue: z.core.$ZodIssue): string {
  const unknownKeys = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1).map(beginningOf) : [];
  const path = [...issue.path, ...unknownKeys];
  return path.length === 0 ? "request body" : z.core.toDotPath(path);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const detail = cause instanceof SyntaxError ? ` (${cause.message})` : "";
    throw new BallError("invalid-request", `The request body is not JSON${detail}`, { cause });
  }
}

/** For what a schema has no words of its own; undefined: zod's. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "int") return `a whole number was expected, not ${found(issue)}`;
      return `${expectedNames[issue.expected] ?? issue.expected} was expected, not ${kindOf(issue.input)}`;
    case "invalid_value":
      return `${issue.values.map((value) => JSON.stringify(value)).join(" or ")} was expected, not ${found(issue)}`;
    case "unrecognized_keys":
      return "this key is not known here";
    case "too_small":
      if (issue.origin === "array") return "the list is empty";
      return `at least ${issue.minimum} was expected, not ${found(issue)}`;
    case "too_big":
      if (typeof issue.input === "string")
        return `${issue.input.length} characters are too many: at most ${issue.maximum} are allowed`;
      return `at most ${issue.maximum} was expected, not ${found(issue)}`;
    default:
      return undefined;
  }
}

const expectedNames: Readonly<Record<string, string>> = {
  array: "a list",
  number: "a number",
  object: "an object",
  string: "a string",
};

/** Texts, of long ones the beginning, and numbers as they are, everything else by its kind. */
export function found({ input }: { readonly input?: unknown }): string {
  if (typeof input === "string") return JSON.stringify(beginningOf(input));
  return typeof input === "number" ? `${input}` : kindOf(input);
}

/** Characters of a caller's own text that a message repeats: an answer must not grow with what was sent. */
const mostRepeated = 100;

function beginningOf(text: string): string {
  return text.length <= mostRepeated ? text : `${text.slice(0, mostRepeated)}…`;
}

/** What was found, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  // What JSON.parse makes of 1e400.
  if (value === Infinity || value === -Infinity) return "one out of all bounds";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
