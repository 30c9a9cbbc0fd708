import { z } from "zod";
import {
  functionHeaders,
  type HeaderLine,
  headersSchema,
  multiValueHeadersSchema,
} from "./function-headers.ts";
import { preludeDelimiterLength } from "./response-stream.ts";

/** What a streaming function says before its body. */
export interface Prelude {
  readonly statusCode: number;
  readonly headers: readonly HeaderLine[];
}

/** The prelude and the body bytes that came in the same chunk as its end. */
export interface PreludeFound {
  readonly prelude: Prelude;
  readonly body: Buffer;
}

/**
 * Takes the prelude off the front of a byte stream, however the stream is cut into chunks: JSON, then eight NUL
 * bytes, all within 16 KiB.
 * Source: API Gateway developer guide, "Lambda proxy integration with payload response streaming".
 */
export class PreludeReader {
  #pending = Buffer.alloc(0);

  /** Undefined while the delimiter has not come. Throws: Error when what comes can be no prelude. */
  push(chunk: Buffer): PreludeFound | undefined {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const end = this.#pending.indexOf(delimiter);
    if (end === -1 && this.#pending.length < maxPreludeBytes) return undefined;
    if (end === -1 || end + delimiter.length > maxPreludeBytes) {
      throw new Error(
        `No end of the prelude within ${maxPreludeBytes} bytes: was HttpResponseStream.from used?`,
      );
    }
    const prelude = parsePrelude(this.#pending.toString("utf8", 0, end));
    return { prelude, body: this.#pending.subarray(end + delimiter.length) };
  }
}

function parsePrelude(text: string): Prelude {
  const { statusCode, headers, multiValueHeaders, cookies } = preludeSchema.parse(JSON.parse(text));
  const lines = functionHeaders(headers, multiValueHeaders);
  return {
    statusCode,
    headers: cookies === undefined ? lines : [...lines, { name: "set-cookie", values: cookies }],
  };
}

const delimiter = Buffer.alloc(preludeDelimiterLength);
const maxPreludeBytes = 16 * 1024;

const preludeSchema = z.object({
  statusCode: z.int().min(200).max(599),
  headers: headersSchema,
  multiValueHeaders: multiValueHeadersSchema,
  cookies: z.array(z.string()).optional(),
});
