import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "./errors.ts";

/** A request as S3 reads it: path-style address, everything percent-decoded. */
export interface S3Request {
  readonly method: string;
  /** Decoded path with its leading slash, as it is signed. */
  readonly path: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Decoded parameters in the order they came. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingHttpHeaders;
  /** Bytes on the wire, still in their transfer coding (`aws-chunked`). Read at most once. */
  readonly body: () => AsyncIterable<Buffer>;
}

type Target = Pick<S3Request, "path" | "bucket" | "key" | "parameters" | "query">;

const longestKeyBytes = 1024;

/**
 * Splits a request target into bucket, key and parameters.
 * Throws: S3Error InvalidURI for what is not percent-encoded UTF-8, KeyTooLongError above 1,024 bytes.
 */
export function parseTarget(target: string): Target {
  const questionMark = target.indexOf("?");
  const rawPath = questionMark === -1 ? target : target.slice(0, questionMark);
  const parameters = questionMark === -1 ? [] : parseParameters(target.slice(questionMark + 1));
  if (!rawPath.startsWith("/") || /[^\x21-\x7e]/.test(target)) throw unreadableUri(target);
  const path = decode(rawPath);
  return { path, ...splitPath(path), parameters, query: new Map(parameters) };
}

function splitPath(path: string): Pick<Target, "bucket" | "key"> {
  if (path === "/") return { bucket: undefined, key: undefined };
  const slash = path.indexOf("/", 1);
  if (slash === -1) return { bucket: path.slice(1), key: undefined };
  const key = path.slice(slash + 1);
  const length = Buffer.byteLength(key);
  if (length > longestKeyBytes) {
    throw new S3Error("KeyTooLongError", "Your key is too long", {
      details: { Size: String(length), MaxSizeAllowed: String(longestKeyBytes) },
    });
  }
  return { bucket: path.slice(1, slash), key: key === "" ? undefined : key };
}

function parseParameters(rawQuery: string): [string, string][] {
  return rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      if (equals === -1) return [decodeParameter(pair), ""];
      return [decodeParameter(pair.slice(0, equals)), decodeParameter(pair.slice(equals + 1))];
    });
}

function decodeParameter(text: string): string {
  return decode(text.includes("+") ? text.replaceAll("+", " ") : text);
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw unreadableUri(text, cause);
  }
}

function unreadableUri(uri: string, cause?: unknown): S3Error {
  return new S3Error("InvalidURI", "Couldn't parse the specified URI.", { details: { URI: uri }, cause });
}

/** A header's value, or undefined when it is absent. */
export function headerOf(request: Pick<S3Request, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/**
 * Length of the body in bytes once `aws-chunked` is taken off; undefined when the client did not say.
 * Throws: S3Error InvalidArgument when the header is not a number.
 */
export function declaredLength(request: S3Request): number | undefined {
  const text = headerOf(request, "x-amz-decoded-content-length") ?? headerOf(request, "content-length");
  if (text === undefined) return undefined;
  const length = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(length)) return length;
  throw new S3Error("InvalidArgument", "Invalid content length", { details: { ArgumentValue: text } });
}
