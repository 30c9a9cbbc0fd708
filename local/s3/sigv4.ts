import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";
import type { S3Request } from "./request.ts";

/**
 * AWS Signature Version 4 as S3 computes it (Signature Version 4 reference, "Signature calculations for the
 * Authorization header"): the path is encoded once and never normalised. Pure: no clock, no secrets kept but the
 * signing keys of the day.
 */

export const algorithm = "AWS4-HMAC-SHA256";

/** SHA-256 of nothing, in hex. */
export const emptyHash = hash("sha256", "", "hex");

/** Where a signature holds: one day, one region, one service. */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

export interface ToBeSigned {
  readonly request: S3Request;
  readonly signedHeaders: readonly string[];
  /** `x-amz-content-sha256`, or UNSIGNED-PAYLOAD for a presigned link. */
  readonly payloadHash: string;
}

/** The canonical request; a presigned link's own signature is not part of it. */
export function canonicalRequest({ request, signedHeaders, payloadHash }: ToBeSigned): string {
  const headers = signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}\n`).join("");
  return [
    request.method,
    encodeUri(request.path),
    canonicalQuery(request.parameters),
    headers,
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

export function stringToSign(canonical: string, timestamp: string, scope: CredentialScope): string {
  // Node reads header bytes as latin1, so latin1 gives back the bytes that were signed.
  const canonicalHash = hash("sha256", Buffer.from(canonical, "latin1"), "hex");
  return `${algorithm}\n${timestamp}\n${scopeText(scope)}\n${canonicalHash}`;
}

export function hmacHex(key: KeyObject, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/**
 * Signing keys, derived once per secret, day, region and service; as KeyObjects, since node:crypto takes six times
 * as long with the bytes of a key.
 */
export class SigningKeys {
  readonly #keys = new Map<string, KeyObject>();

  keyFor(secretAccessKey: string, scope: CredentialScope): KeyObject {
    const id = `${scope.accessKeyId}/${scopeText(scope)}`;
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const bytes = [scope.date, scope.region, scope.service, "aws4_request"].reduce(
      (outer: Buffer, text) => createHmac("sha256", outer).update(text).digest(),
      Buffer.from(`AWS4${secretAccessKey}`),
    );
    const key = createSecretKey(bytes);
    if (this.#keys.size >= 100) this.#keys.clear();
    this.#keys.set(id, key);
    return key;
  }
}

function canonicalValue(value: string | string[] | undefined): string {
  if (value === undefined) return "";
  const text = Array.isArray(value) ? value.join(",") : value;
  return text.trim().replace(/ {2,}/g, " ");
}

function canonicalQuery(parameters: S3Request["parameters"]): string {
  return parameters
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encodeParameter(name)}=${encodeParameter(value)}`)
    .sort(byBytesOfName)
    .join("&");
}

/** Names sort before values, so `a=1` comes before `a-b=1` although "-" is less than "=". */
function byBytesOfName(one: string, other: string): number {
  const [oneName = "", oneValue = ""] = one.split("=");
  const [otherName = "", otherValue = ""] = other.split("=");
  if (oneName !== otherName) return oneName < otherName ? -1 : 1;
  return oneValue < otherValue ? -1 : Number(oneValue > otherValue);
}

function encodeUri(path: string): string {
  if (/^[\w\-.~/]*$/.test(path)) return path;
  return path.split("/").map(encodeParameter).join("/");
}

function encodeParameter(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
