import { type KeyObject, timingSafeEqual } from "node:crypto";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";
import { parsePresigned, parseSignedHeaders, type SignatureClaim } from "./signature-claim.ts";
import { canonicalRequest, hmacHex, SigningKeys, scopeText, stringToSign } from "./sigv4.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of those that are lent for a time, as a role's are: what must come with them, and until when they are good. */
  readonly session?: { readonly token: string; readonly expiresAt: Date };
}

/** What the chunks of a signed `aws-chunked` body are signed with: each signature chains on the one before. */
export interface ChunkSigning {
  readonly signingKey: KeyObject;
  readonly timestamp: string;
  readonly scope: string;
  /** The request's own signature. */
  readonly seed: string;
}

export interface Authenticated {
  /** `x-amz-content-sha256` as signed; `UNSIGNED-PAYLOAD` for a presigned link. */
  readonly payloadHash: string;
  readonly chunkSigning: ChunkSigning;
}

const clockSkewMs = 15 * 60 * 1000;

/** Verifies who sent a request, from its Authorization header or its presigned link. */
export class Authenticator {
  readonly #credentials: ReadonlyMap<string, Credentials>;
  readonly #region: string;
  readonly #now: () => Date;
  readonly #signingKeys = new SigningKeys();

  constructor(options: { credentials: readonly Credentials[]; region: string; now: () => Date }) {
    this.#credentials = new Map(options.credentials.map((known) => [known.accessKeyId, known]));
    this.#region = options.region;
    this.#now = options.now;
  }

  /** Throws: S3Error, as S3 answers each kind of bad signature. */
  authenticate(request: S3Request): Authenticated {
    const claim = claimOf(request);
    this.#checkScope(claim);
    this.#checkTime(claim);
    checkEverythingIsSigned(request, claim);
    const { secretAccessKey, session } = this.#credentialsOf(claim);
    if (session !== undefined) checkSession(claim, session, this.#now());
    const signingKey = this.#signingKeys.keyFor(secretAccessKey, claim.scope);
    checkSignature(request, claim, signingKey);
    const { payloadHash, timestamp, signature: seed } = claim;
    return { payloadHash, chunkSigning: { signingKey, timestamp, scope: scopeText(claim.scope), seed } };
  }

  #credentialsOf({ scope: { accessKeyId } }: SignatureClaim): Credentials {
    const credentials = this.#credentials.get(accessKeyId);
    if (credentials !== undefined) return credentials;
    const message = "The AWS Access Key Id you provided does not exist in our records.";
    throw new S3Error("InvalidAccessKeyId", message, { details: { AWSAccessKeyId: accessKeyId } });
  }

  #checkScope({ scope, kind }: SignatureClaim): void {
    const code = kind === "header" ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError";
    const subject =
      kind === "header"
        ? "The authorization header is malformed"
        : "Error parsing the X-Amz-Credential parameter";
    if (scope.region !== this.#region) {
      const message = `${subject}; the region '${scope.region}' is wrong; expecting '${this.#region}'`;
      throw new S3Error(code, message, { details: { Region: this.#region } });
    }
    if (scope.service !== "s3") {
      throw new S3Error(
        code,
        `${subject}; incorrect service "${scope.service}". This endpoint belongs to "s3".`,
      );
    }
  }

  #checkTime(claim: SignatureClaim): void {
    const now = this.#now();
    const signedAt = claim.signedAt.getTime();
    if (claim.kind === "presigned") {
      checkPresignedTime(claim.signedAt, claim.lifetimeSeconds, now);
      return;
    }
    if (Math.abs(now.getTime() - signedAt) <= clockSkewMs) return;
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      {
        details: {
          RequestTime: claim.timestamp,
          ServerTime: isoSeconds(now),
          MaxAllowedSkewMilliseconds: String(clockSkewMs),
        },
      },
    );
  }
}

function claimOf(request: S3Request): SignatureClaim {
  if (request.query.has("X-Amz-Algorithm") || request.query.has("X-Amz-Signature"))
    return parsePresigned(request);
  return parseSignedHeaders(request);
}

/** A link dies with the credentials that signed it. */
function checkSession(claim: SignatureClaim, session: NonNullable<Credentials["session"]>, now: Date): void {
  if (claim.sessionToken === undefined || !isSameSignature(session.token, claim.sessionToken)) {
    throw new S3Error("InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  if (session.expiresAt.getTime() > now.getTime()) return;
  throw new S3Error("ExpiredToken", "The provided token has expired.");
}

function checkPresignedTime(signedAt: Date, lifetimeSeconds: number, now: Date): void {
  if (signedAt.getTime() > now.getTime() + clockSkewMs) {
    throw new S3Error("AccessDenied", "Request is not yet valid");
  }
  const expires = new Date(signedAt.getTime() + lifetimeSeconds * 1000);
  if (expires.getTime() > now.getTime()) return;
  throw new S3Error("AccessDenied", "Request has expired", {
    details: {
      "X-Amz-Expires": String(lifetimeSeconds),
      Expires: isoSeconds(expires),
      ServerTime: isoSeconds(now),
    },
  });
}

/** A header S3 acts upon must have been signed, or a link could be turned into another request. */
function checkEverythingIsSigned(request: S3Request, claim: SignatureClaim): void {
  const signed = new Set(claim.signedHeaders);
  const unsigned = Object.keys(request.headers).filter(
    (name) => (name.startsWith("x-amz-") || name === "host") && !signed.has(name),
  );
  // A presigned link fixes its payload hash itself; clients add the header without signing it.
  const forgotten = unsigned.filter((name) => claim.kind === "header" || name !== "x-amz-content-sha256");
  if (forgotten.length === 0) return;
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", {
    details: { HeadersNotSigned: forgotten.join(", ") },
  });
}

function checkSignature(request: S3Request, claim: SignatureClaim, signingKey: KeyObject): void {
  const canonical = canonicalRequest({ request, ...claim });
  const toSign = stringToSign(canonical, claim.timestamp, claim.scope);
  if (isSameSignature(hmacHex(signingKey, toSign), claim.signature)) return;
  throw new S3Error(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    {
      details: {
        AWSAccessKeyId: claim.scope.accessKeyId,
        StringToSign: toSign,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    },
  );
}

export function isSameSignature(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function isoSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, "Z");
}
