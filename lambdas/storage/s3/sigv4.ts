import { createHmac, hash } from "node:crypto";
import { HmacKey } from "./hmac-key.ts";

/** Who signs, and for what. */
export interface SigningScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `s3` for S3. */
  readonly service: string;
}

/** A request without a body, as it goes over the wire. */
export interface SignableRequest {
  readonly method: string;
  /** Encoded as it is sent; S3 does not normalise it. */
  readonly path: string;
  /** Encoded and sorted as "Create a canonical request" asks, without the question mark. */
  readonly query: string;
  /** All headers to be signed: lower-case names in order of their bytes, values without spaces around them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** SHA-256 of the body in hexadecimal. */
  readonly payloadHash: string;
}

/** SHA-256 of no bytes. */
export const emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * The Authorization header of a request (AWS Signature Version 4).
 * `amzDate`: the time of signing as `20260131T235959Z`, which `x-amz-date` also says.
 * Source: AWS IAM user guide, "Create a signed AWS API request"; for S3 the path is encoded once and not normalised.
 */
export function authorizationOf(request: SignableRequest, scope: SigningScope, amzDate: string): string {
  const { accessKeyId, region, service } = scope;
  const day = amzDate.slice(0, 8);
  const credentialScope = `${day}/${region}/${service}/aws4_request`;
  const signedHeaders = request.headers.map(([name]) => name).join(";");
  const toSign = `AWS4-HMAC-SHA256\n${amzDate}\n${credentialScope}\n${hash("sha256", canonical(request, signedHeaders))}`;
  const signature = signingKey(scope, day).sign(toSign);
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialScope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

/** A time as SigV4 writes it. */
export function amzDateOf(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** RFC 3986 encoding of a key as a path: all but unreserved characters, and the slashes between them. */
export function encodePath(key: string): string {
  return isPlainPath.test(key) ? key : key.split("/").map(encodeComponent).join("/");
}

/** The same of a query's name or value: slashes, too. */
export function encodeComponent(text: string): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, percent);
}

const isPlainPath = /^[A-Za-z0-9\-._~/]*$/;

function canonical({ method, path, query, headers, payloadHash }: SignableRequest, signedHeaders: string) {
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  return `${method}\n${path}\n${query}\n${lines}\n${signedHeaders}\n${payloadHash}`;
}

let keptKey: { readonly scope: SigningScope; readonly day: string; readonly key: HmacKey } | undefined;

/** A key holds for a day: the last one is kept, as making it costs more than signing with it. */
function signingKey(scope: SigningScope, day: string): HmacKey {
  if (keptKey !== undefined && keptKey.day === day && isSame(keptKey.scope, scope)) return keptKey.key;
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const ofService = [scope.region, scope.service].reduce<Buffer>(
    hmac,
    hmac(`AWS4${scope.secretAccessKey}`, day),
  );
  keptKey = { scope, day, key: new HmacKey(hmac(ofService, "aws4_request")) };
  return keptKey.key;
}

function isSame(one: SigningScope, other: SigningScope): boolean {
  return (
    one.secretAccessKey === other.secretAccessKey &&
    one.region === other.region &&
    one.service === other.service
  );
}
