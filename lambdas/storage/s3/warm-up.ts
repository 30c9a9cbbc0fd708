import type { S3Client } from "@aws-sdk/client-s3";
import { resolveAddress } from "./object-address.ts";

/**
 * Gets ready what a process's first request for bytes would otherwise wait for: credentials, and the SDK's rules of
 * endpoints. While a function starts this costs nobody anything. What fails here fails again when it is needed.
 */
export function warmUp(s3: S3Client): void {
  Promise.all([s3.config.credentials(), resolveAddress(s3, "bucket")]).catch(() => undefined);
}
