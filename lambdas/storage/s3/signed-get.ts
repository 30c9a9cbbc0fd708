import type { BucketAddress } from "./object-address.ts";
import { authorizationOf, emptyPayloadHash, encodePath } from "./sigv4.ts";

/** A GET of an object. */
export interface ObjectRequest {
  readonly bucket: string;
  readonly key: string;
  /** Encoded, without the question mark. */
  readonly query: string;
  /** Lower-case names in order of their bytes, all between `host` and `x-amz-`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Who asks. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one. */
  readonly sessionToken?: string | undefined;
}

/** A signed GET as it goes over the wire. */
export interface SignedGet {
  /** With its query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
}

/**
 * Signs a GET with all its headers. `amzDate`: the time of signing as SigV4 writes it.
 * A key is never normalised: `a//b` and `../a` are keys like others.
 */
export function signedGet(
  { key, query, headers }: ObjectRequest,
  { host, basePath, region, service }: BucketAddress,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  amzDate: string,
): SignedGet {
  const path = `${basePath}${encodePath(key)}`;
  const toSign: (readonly [string, string])[] = [
    ["host", host],
    ...headers,
    ["x-amz-content-sha256", emptyPayloadHash],
    ["x-amz-date", amzDate],
  ];
  if (sessionToken !== undefined) toSign.push(["x-amz-security-token", sessionToken]);
  const authorization = authorizationOf(
    { method: "GET", path, query, headers: toSign, payloadHash: emptyPayloadHash },
    { accessKeyId, secretAccessKey, region, service },
    amzDate,
  );
  return {
    path: query === "" ? path : `${path}?${query}`,
    headers: [...toSign.flat(), "authorization", authorization],
  };
}
