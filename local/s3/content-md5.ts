import { S3Error } from "./errors.ts";
import { headerOf, type S3Request } from "./request.ts";

/** The Content-MD5 header (RFC 1864). Throws: S3Error InvalidDigest when it is no MD5 in base64. */
export function declaredMd5(request: S3Request): string | undefined {
  const value = headerOf(request, "content-md5");
  if (value === undefined || Buffer.from(value, "base64").length === 16) return value;
  throw new S3Error("InvalidDigest", "The Content-MD5 you specified is not valid.", {
    details: { "Content-MD5": value },
  });
}

/** Throws: S3Error BadDigest when the bytes are not those the client meant. */
export function checkMd5(declared: string, md5: Buffer): void {
  const computed = md5.toString("base64");
  if (declared === computed) return;
  throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.", {
    details: { ExpectedDigest: declared, CalculatedDigest: computed },
  });
}
