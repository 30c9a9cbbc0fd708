import { createHash, createHmac } from "node:crypto";

/** A client that signs by the book and lies where it is told to; it shares no code with the server. */
export interface Signing {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly time: Date;
  /** `x-amz-content-sha256`; by default the hash of the body. */
  readonly payloadHash?: string;
}

export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Signed {
  readonly headers: Record<string, string>;
  readonly signature: string;
  readonly sign: (text: string) => string;
  readonly timestamp: string;
  readonly scope: string;
}

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

export function sign({ method, url, headers = {}, body = "" }: Outgoing, signing: Signing): Signed {
  const timestamp = signing.time.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": signing.payloadHash ?? sha256(body),
    "x-amz-date": timestamp,
  };
  const names = Object.keys(all).sort();
  const canonical = [
    method,
    url.pathname,
    url.search.slice(1).split("&").sort().join("&"),
    ...names.map((name) => `${name}:${all[name]}`),
    "",
    names.join(";"),
    all["x-amz-content-sha256"],
  ].join("\n");
  const scope = `${timestamp.slice(0, 8)}/${signing.region}/s3/aws4_request`;
  const key = scope
    .split("/")
    .reduce<string | Buffer>(
      (outer, text) => createHmac("sha256", outer).update(text).digest(),
      `AWS4${signing.secretAccessKey}`,
    );
  const signText = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  const signature = signText(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`);
  const credential = `Credential=${signing.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { headers: { ...all, authorization }, signature, sign: signText, timestamp, scope };
}

/** The chunks of a signed `aws-chunked` body, with a trailer when `trailer` is given as `name:value`. */
export function signChunks(chunks: readonly Buffer[], signed: Signed, trailer?: string): Buffer {
  let previous = signed.signature;
  const chain = (kind: string, hashes: string) => {
    previous = signed.sign(`${kind}\n${signed.timestamp}\n${signed.scope}\n${previous}\n${hashes}`);
    return previous;
  };
  const framed = [...chunks, Buffer.alloc(0)].map((chunk) => {
    const signature = chain("AWS4-HMAC-SHA256-PAYLOAD", `${sha256("")}\n${sha256(chunk)}`);
    const header = Buffer.from(`${chunk.length.toString(16)};chunk-signature=${signature}\r\n`);
    return Buffer.concat([header, chunk, Buffer.from(chunk.length === 0 ? "" : "\r\n")]);
  });
  const end =
    trailer === undefined
      ? "\r\n"
      : `${trailer}\r\nx-amz-trailer-signature:${chain("AWS4-HMAC-SHA256-TRAILER", sha256(`${trailer}\n`))}\r\n\r\n`;
  return Buffer.concat([...framed, Buffer.from(end)]);
}
