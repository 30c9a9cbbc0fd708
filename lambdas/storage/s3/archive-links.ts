import type { S3Client } from "@aws-sdk/client-s3";
import { S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { HttpRequest } from "@smithy/core/protocols";
import type { ArchiveLinks } from "../../ball/archive-bucket.ts";
import { archiveContentType } from "./archives.ts";
import { livingCredentials } from "./living-credentials.ts";
import { resolveAddress } from "./object-address.ts";
import { encodeComponent, encodePath } from "./sigv4.ts";

/** A browser may keep an archive for who asked for it; what stands between must not change its bytes. */
const cacheControl = "private, no-transform";

/**
 * Links to archives, presigned by the client's own credentials: a link ends at the latest when these do, where it is known
 * when that is. The request is put together here, so that nothing has to be sent with it but a Host.
 * Source: S3 user guide, "Download and upload objects with presigned URLs"; API reference, GetObject, `response-` parameters.
 */
export function createArchiveLinks(s3: S3Client, bucketName: string): ArchiveLinks {
  return {
    async sign(key, { contentDisposition, seconds }) {
      const signingDate = new Date(Date.now() + s3.config.systemClockOffset);
      const { credentials, leftSeconds } = await livingCredentials(s3, signingDate);
      const { origin, basePath, region, service } = await resolveAddress(s3, bucketName);
      const { protocol, hostname, port } = new URL(origin);
      const request = new HttpRequest({
        method: "GET",
        protocol,
        hostname,
        ...(port === "" ? {} : { port: Number(port) }),
        path: `${basePath}${encodePath(key)}`,
        query: {
          "response-content-disposition": contentDisposition,
          "response-content-type": archiveContentType,
          "response-cache-control": cacheControl,
        },
      });
      const presigner = new S3RequestPresigner({ ...s3.config, credentials, region, service });
      const expiresIn = Math.min(seconds, leftSeconds);
      const { path, query } = await presigner.presign(request, { expiresIn, signingDate });
      return `${origin}${path}?${encodeQuery(query)}`;
    },
  };
}

function encodeQuery(query: HttpRequest["query"] = {}): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeComponent(name)}=${encodeComponent(String(value))}`)
    .join("&");
}
