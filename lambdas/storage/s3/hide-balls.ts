import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { quoted } from "./failures.ts";

/**
 * An archive's key as it stands in messages, `"…/1/archive.zip"`: without its ball's id. Whoever knows that may download
 * the ball, and messages are logged.
 */
export function archiveName(key: string): string {
  return quoted(withoutBall(key, key));
}

/**
 * Has the client's failures tell what S3 says without the ball's id: of its answer the code and the words alone. S3 names
 * the key in fields of their own, as Key and Resource, and in the words it refuses access with. Source: S3 user guide,
 * "Troubleshoot access denied (403 Forbidden) errors in Amazon S3".
 */
export function hideBalls(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw error instanceof S3ServiceException ? retold(error, keyIn(args.input)) : error;
      }
    },
    // Outside of all that looks at the fields, as the SDK itself does.
    { step: "initialize", priority: "high", name: "hideBalls" },
  );
  return client;
}

function retold({ name, message, $fault, $metadata }: S3ServiceException, key: string): S3ServiceException {
  return new S3ServiceException({ name, message: withoutBall(message, key), $fault, $metadata });
}

/** The key, or what keys begin with, that a request is about. */
function keyIn(input: object): string {
  if ("Key" in input) return String(input.Key);
  return "Prefix" in input ? String(input.Prefix) : "";
}

/** Keys of archives begin with the ball's id and the entity tag of its plan (ball/archive-bucket.ts). */
function withoutBall(text: string, key: string): string {
  const [ballId = "", planEtag = ""] = key.split("/");
  return ballId === "" ? text : text.replaceAll(`${ballId}/${planEtag}`, "…");
}
