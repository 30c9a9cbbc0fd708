import type { UploadPartCommand } from "@aws-sdk/client-s3";
import { HttpRequest } from "@smithy/core/protocols";

/**
 * Has a part sent whose body is not in its signature: the SHA-256 of it would take more CPU than all the rest of sending
 * it. The signature covers its CRC-32 and length all the same, and S3 holds the body to these.
 * Source: S3 API reference, "Authenticating Requests: Using the Authorization Header", unsigned payload option.
 */
export function leaveBodyUnsigned(command: UploadPartCommand): UploadPartCommand {
  command.middlewareStack.add(
    (next) => (args) => {
      if (HttpRequest.isInstance(args.request))
        args.request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "leaveBodyUnsigned" },
  );
  return command;
}
