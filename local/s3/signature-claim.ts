import { S3Error, type S3ErrorCode } from "./errors.ts";
import { headerOf, type S3Request } from "./request.ts";
import { algorithm, type CredentialScope } from "./sigv4.ts";

/** What a request says of its own signature, parsed and not yet believed. */
export type SignatureClaim = SignatureClaimBase &
  ({ readonly kind: "header" } | { readonly kind: "presigned"; readonly lifetimeSeconds: number });

interface SignatureClaimBase {
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, as it is part of the string to sign. */
  readonly timestamp: string;
  readonly signedAt: Date;
  readonly payloadHash: string;
  /** Comes with credentials that are lent for a time. */
  readonly sessionToken: string | undefined;
}

const longestLifetimeSeconds = 7 * 24 * 3600;

/**
 * The claim of an Authorization header.
 * Throws: S3Error AccessDenied without one, AuthorizationHeaderMalformed, InvalidRequest.
 */
export function parseSignedHeaders(request: S3Request): SignatureClaim {
  const authorization = headerOf(request, "authorization");
  const isVersion2 = request.query.has("AWSAccessKeyId");
  if (authorization === undefined && !isVersion2) throw new S3Error("AccessDenied", "Access Denied");
  if (authorization === undefined || !authorization.startsWith(`${algorithm} `)) {
    throw new S3Error(
      "InvalidRequest",
      `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    );
  }
  const fields = new Map(authorization.slice(algorithm.length).split(",").map(fieldOf));
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value !== undefined && value !== "") return value;
    throw malformedHeader(`the ${name} component is missing`);
  };
  const payloadHash = headerOf(request, "x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const scope = parseScope(field("Credential"), "AuthorizationHeaderMalformed");
  const signedHeaders = field("SignedHeaders").split(";");
  return {
    kind: "header",
    scope,
    signedHeaders,
    signature: field("Signature"),
    ...timeOfHeaders(request, scope),
    payloadHash,
    sessionToken: headerOf(request, "x-amz-security-token"),
  };
}

/** The claim of a presigned link. Throws: S3Error AuthorizationQueryParametersError. */
export function parsePresigned(request: S3Request): SignatureClaim {
  const parameter = (name: string): string => {
    const value = request.query.get(name);
    if (value !== undefined && value !== "") return value;
    throw malformedQuery(
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  };
  if (parameter("X-Amz-Algorithm") !== algorithm) {
    throw malformedQuery(`X-Amz-Algorithm only supports "${algorithm}"`);
  }
  const scope = parseScope(parameter("X-Amz-Credential"), "AuthorizationQueryParametersError");
  const timestamp = parameter("X-Amz-Date");
  const signedAt = parseTimestamp(timestamp);
  if (signedAt === undefined) {
    throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  if (!timestamp.startsWith(scope.date)) {
    throw malformedQuery("Invalid credential date. This date is not the same as X-Amz-Date.");
  }
  return {
    kind: "presigned",
    scope,
    signedHeaders: parameter("X-Amz-SignedHeaders").split(";"),
    signature: parameter("X-Amz-Signature"),
    timestamp,
    signedAt,
    lifetimeSeconds: parseLifetime(parameter("X-Amz-Expires")),
    payloadHash: request.query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
    sessionToken: request.query.get("X-Amz-Security-Token"),
  };
}

function fieldOf(text: string): [string, string] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text.trim(), ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

function parseScope(credential: string, code: S3ErrorCode): CredentialScope {
  const [accessKeyId, date, region, service, end, ...rest] = credential.split("/");
  const isComplete = accessKeyId && date && region && service && end === "aws4_request" && rest.length === 0;
  if (isComplete) return { accessKeyId, date, region, service };
  throw new S3Error(
    code,
    'Error parsing the credential; it must be "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  );
}

function timeOfHeaders(
  request: S3Request,
  scope: CredentialScope,
): Pick<SignatureClaim, "timestamp" | "signedAt"> {
  const date = headerOf(request, "x-amz-date") ?? headerOf(request, "date");
  const signedAt = date === undefined ? undefined : (parseTimestamp(date) ?? parseHttpDate(date));
  if (signedAt === undefined) {
    throw new S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const timestamp = signedAt.toISOString().replace(/[-:]|\.\d{3}/g, "");
  if (timestamp.startsWith(scope.date)) return { timestamp, signedAt };
  throw malformedHeader("Invalid credential date. Date is not the same as X-Amz-Date.");
}

function parseTimestamp(text: string): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function parseHttpDate(text: string): Date | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function parseLifetime(text: string): number {
  const seconds = Number(text);
  if (!/^-?\d+$/.test(text)) throw malformedQuery("X-Amz-Expires should be a number");
  if (seconds < 0) throw malformedQuery("X-Amz-Expires must be non-negative");
  if (seconds <= longestLifetimeSeconds) return seconds;
  throw malformedQuery(
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
  );
}

function malformedHeader(why: string): S3Error {
  return new S3Error("AuthorizationHeaderMalformed", `The authorization header is malformed; ${why}.`);
}

function malformedQuery(message: string): S3Error {
  return new S3Error("AuthorizationQueryParametersError", message);
}
