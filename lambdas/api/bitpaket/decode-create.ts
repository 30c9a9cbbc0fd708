import { z } from "zod";
import { BallError } from "../../ball/errors.ts";
import type { Selection } from "../../creation/selection.ts";

/** Longest request body, in bytes. */
export const maxBodyBytes = 1024 * 1024;
/** Longest key S3 allows, in bytes of UTF-8. */
const maxKeyBytes = 1024;

/**
 * What a `POST /v2/zipball` selects: `{"objects":[{"path":"/dir/a.txt"},{"folder":"/other"}]}`.
 * Throws: BallError("request-too-large"), BallError("invalid-request") that says where, what was expected and what
 * was found, and BallError("source-not-found") for an object id, as this service has given none yet.
 */
export function decodeCreate(body: string): Selection[] {
  const bodyBytes = Buffer.byteLength(body, "utf8");
  if (bodyBytes > maxBodyBytes) {
    throw new BallError(
      "request-too-large",
      `The request body has ${bodyBytes} bytes; ${maxBodyBytes} are the most it may have`,
    );
  }
  const { objects } = requireOnly(["objects"], requireObject(parseJson(body), "request body"), "");
  if (!Array.isArray(objects))
    throw invalid("objects", `a list of objects and folders was expected, not ${kindOf(objects)}`);
  if (objects.length === 0) throw invalid("objects", "the list is empty; name at least one object or folder");
  return objects.map((item: unknown, index) => decodeItem(item, `objects[${index}]`));
}

const selectors = ["folder", "id", "path"] as const;

function decodeItem(value: unknown, at: string): Selection {
  const item = requireOnly(selectors, requireObject(value, at), `${at}.`);
  const [selector, ...others] = selectors.filter((name) => item[name] !== undefined);
  if (selector === undefined || others.length > 0) {
    const found = selector === undefined ? "none of them" : [selector, ...others].join(" and ");
    throw invalid(at, `exactly one of "folder", "id" and "path" was expected, and there is ${found}`);
  }
  const text = item[selector];
  const where = `${at}.${selector}`;
  if (typeof text !== "string") throw invalid(where, `a string was expected, not ${kindOf(text)}`);
  switch (selector) {
    case "id":
      return refuseId(text, where);
    case "path":
      return { kind: "path", key: decodePath(text, where), choice: { kind: "newest" }, at: where };
    case "folder":
      return { kind: "folder", prefix: decodeFolder(text, where), at: where };
  }
}

function refuseId(id: string, at: string): never {
  if (!z.uuidv4().safeParse(id).success)
    throw invalid(at, `a UUID of version 4 was expected, not ${JSON.stringify(id)}`);
  throw new BallError("source-not-found", `There is no object with the id ${id}`, { at });
}

/** API path `/a` is key `a`: exactly one leading slash is taken off. */
function decodePath(path: string, at: string): string {
  if (!path.isWellFormed()) throw invalid(at, "the text has half a surrogate pair, which is no character");
  const key = path.startsWith("/") ? path.slice(1) : path;
  if (key === "") throw invalid(at, "an object's path was expected, and this is the root");
  const keyBytes = Buffer.byteLength(key, "utf8");
  if (keyBytes > maxKeyBytes)
    throw invalid(at, `${keyBytes} bytes are too many: a path has at most ${maxKeyBytes}`);
  return key;
}

function decodeFolder(folder: string, at: string): string {
  if (folder === "/" || folder === "")
    throw invalid(at, "the root folder can not be downloaded; name a folder in it");
  const prefix = decodePath(folder, at);
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const detail = cause instanceof SyntaxError ? ` (${cause.message})` : "";
    throw new BallError("invalid-request", `The request body is not JSON${detail}`, { cause });
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function requireObject(value: unknown, at: string): JsonObject {
  if (isObject(value)) return value;
  throw invalid(at, `an object was expected, not ${kindOf(value)}`);
}

/** Not zod's record: it leaves out a key "__proto__", which has to be refused like any that is not known. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireOnly(known: readonly string[], value: JsonObject, prefix: string): JsonObject {
  const unknownKey = Object.keys(value).find((key) => !known.includes(key));
  if (unknownKey === undefined) return value;
  const names = known.map((name) => `"${name}"`).join(", ");
  throw invalid(`${prefix}${unknownKey}`, `this key is not known here; known: ${names}`);
}

function invalid(at: string, problem: string): BallError {
  return new BallError("invalid-request", problem, { at });
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
