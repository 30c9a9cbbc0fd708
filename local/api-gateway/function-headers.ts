import type { ServerResponse } from "node:http";
import { z } from "zod";

/** One header field with all its values, in the casing that the function gave. */
export interface HeaderLine {
  readonly name: string;
  readonly values: readonly string[];
}

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** `headers` of a function's answer. */
export const headersSchema = z.record(z.string(), headerValue).nullish();
/** `multiValueHeaders` of a function's answer. */
export const multiValueHeadersSchema = z.record(z.string(), z.array(headerValue)).nullish();

/**
 * The header lines of a function's answer; where a name stands in both maps the values of `multiValueHeaders` hold.
 * Fields of the connection are the host's own business and left out.
 * Source: API Gateway developer guide, "Output format of a Lambda function for proxy integration".
 */
export function functionHeaders(
  headers: Readonly<Record<string, string>> | null | undefined,
  multiValueHeaders: Readonly<Record<string, readonly string[]>> | null | undefined,
): HeaderLine[] {
  const lines = new Map<string, HeaderLine>();
  const take = (name: string, values: readonly string[]) => {
    if (!connectionFields.has(name.toLowerCase())) lines.set(name.toLowerCase(), { name, values });
  };
  for (const [name, value] of Object.entries(headers ?? {})) take(name, [value]);
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) take(name, values);
  return [...lines.values()];
}

/** Throws: TypeError for a name or value that HTTP does not allow. */
export function setHeaders(response: ServerResponse, lines: readonly HeaderLine[]): void {
  for (const { name, values } of lines) {
    const [first, ...more] = values;
    if (first !== undefined) response.setHeader(name, more.length === 0 ? first : values);
  }
}

/** Fields that concern one connection only (RFC 9110 section 7.6.1). */
export const connectionFields: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
