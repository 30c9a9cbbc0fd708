/** A request for the bytes of an object, as it arrived. */
export interface ObjectGet {
  /** How manieth it is among them, from 1, in the order of arrival. */
  readonly nth: number;
  readonly key: string;
  /** In bytes of the object, half-open; undefined: it asks for the whole. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
  /** Access key id that signed it. */
  readonly accessKeyId: string | undefined;
}

/** The first lines of a request or an answer (RFC 9112), with names of fields in lower case. */
export interface Head {
  readonly startLine: string;
  readonly fields: ReadonlyMap<string, string>;
  /** As it came, with the empty line that ends it. */
  readonly bytes: Buffer;
}

const headEnd = "\r\n\r\n";

/** The head that the bytes begin with; undefined when it is not whole yet. */
export function headOf(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const [startLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { startLine, fields: new Map(fields), bytes: bytes.subarray(0, end + headEnd.length) };
}

/** What of a head should be otherwise; a field that is undefined is left out. */
export interface HeadChange {
  readonly startLine?: string;
  readonly fields?: Readonly<Record<string, string | undefined>>;
}

export function changedHead(head: Head, { startLine = head.startLine, fields = {} }: HeadChange): Buffer {
  const all = { ...Object.fromEntries(head.fields), ...fields };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from([startLine, ...lines].join("\r\n") + headEnd, "latin1");
}

/** How many bytes follow an answer's head. Throws: Error when it does not say so: S3 tells it of whatever it answers. */
export function bodyBytesOf(answer: Head, request: Head): number {
  if (request.startLine.startsWith("HEAD ") || / (1\d\d|204|304) /.test(answer.startLine)) return 0;
  const length = answer.fields.get("content-length");
  if (length === undefined) throw new Error(`An answer of unknown length: ${answer.startLine}`);
  return Number(length);
}

/** undefined where the request is another one than GetObject. */
export function objectGetOf(request: Head, nth: number): ObjectGet | undefined {
  const [method, target = ""] = request.startLine.split(" ");
  const { pathname, searchParams } = new URL(target, "http://proxy");
  const [, , ...key] = pathname.split("/");
  const isOther = ["attributes", "list-type", "versions"].some((name) => searchParams.has(name));
  if (method !== "GET" || isOther || key.join("/") === "") return undefined;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.fields.get("range") ?? "");
  return {
    nth,
    key: decodeURIComponent(key.join("/")),
    range: range === null ? undefined : { start: Number(range[1]), end: endOf(range[2]) },
    accessKeyId: /Credential=([^/]+)\//.exec(request.fields.get("authorization") ?? "")?.[1],
  };
}

function endOf(lastByte: string | undefined): number {
  return lastByte === undefined || lastByte === "" ? Number.POSITIVE_INFINITY : Number(lastByte) + 1;
}
