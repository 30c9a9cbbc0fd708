import type { IncomingMessage } from "node:http";

/** Bytes of a request body that API Gateway takes. Source: API Gateway quotas, "Payload size". */
export const maxRequestBodyBytes = 10 * 1024 * 1024;

export type RequestBody =
  | { readonly kind: "whole"; readonly text: string }
  | { readonly kind: "too-large" }
  /** The client left before its end. */
  | { readonly kind: "cut-short" };

/** Whether the request says beforehand that its body is longer than API Gateway takes. */
export function announcesTooMuch(request: IncomingMessage): boolean {
  return Number(request.headers["content-length"] ?? 0) > maxRequestBodyBytes;
}

/**
 * Reads the body as text. Bytes that are no UTF-8 become U+FFFD, as they do in API Gateway for a media type that
 * is not declared binary. The rest of a body that is too large is left unread.
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  if (announcesTooMuch(request)) return { kind: "too-large" };
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of bytesOf(request)) {
      length += chunk.length;
      if (length > maxRequestBodyBytes) return { kind: "too-large" };
      chunks.push(chunk);
    }
  } catch {
    return { kind: "cut-short" };
  }
  return { kind: "whole", text: Buffer.concat(chunks).toString("utf8") };
}

/** Leaving the loop early must not destroy the request: its connection still carries the answer. */
const bytesOf = (request: IncomingMessage): AsyncIterable<Uint8Array> =>
  request.iterator({ destroyOnReturn: false });
