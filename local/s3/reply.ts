import type { OpenContent } from "./content-reader.ts";
import type { S3Error } from "./errors.ts";
import { xmlErrorDocument } from "./xml.ts";

/** An answer before it is written: a status, headers, and nothing, a document, or the bytes of an object. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | OpenContent;
}

/** 200 with an XML document. */
export function xmlReply(document: string, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers: { ...headers, "content-type": "application/xml" }, body: document };
}

/** The `<Error>` document of a failure. */
export function errorReply(error: S3Error, about: { resource: string; requestId: string }): Reply {
  const document = xmlErrorDocument({
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: about.resource,
    RequestId: about.requestId,
    HostId: "zipball-local-s3",
  });
  return {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/xml" },
    body: document,
  };
}
