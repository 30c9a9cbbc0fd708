import { createServer, type Server, type Socket } from "node:net";
import { noiseStartOf, pieceOfBody } from "./bodies.ts";
import { firstByteMsOf, type Lateness } from "./lateness.ts";
import type { BenchObject, ObjectSet } from "./object-set.ts";

/**
 * S3 as far as a benchmark asks: GET and HEAD by path, one Range, If-Match, connections that are kept. Signatures are
 * not looked at: they cost only whoever makes them. It is on sockets, because it is not to be what is measured.
 */
export function createOriginServer({ bucket, objects }: ObjectSet, lateness: Lateness): Server {
  const kept = new Map(
    objects.map((object, index) => [
      `/${bucket}/${object.key}`,
      keep(object, firstByteMsOf(lateness, index)),
    ]),
  );
  return createServer({ noDelay: true }, (socket) => new Connection(socket, kept));
}

interface KeptObject {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly noiseStart: number;
  readonly firstByteMs: number;
  /** The header lines of every answer about it. */
  readonly headers: string;
}

function keep({ key, sizeBytes, etag, mtimeEpochSeconds }: BenchObject, firstByteMs: number): KeptObject {
  const lastModified = new Date(mtimeEpochSeconds * 1000).toUTCString();
  const headers = [
    `ETag: ${etag}`,
    `Last-Modified: ${lastModified}`,
    "Accept-Ranges: bytes",
    "Content-Type: application/octet-stream",
    "x-amz-request-id: BENCH",
  ].join("\r\n");
  return { sizeBytes, etag, noiseStart: noiseStartOf(key), firstByteMs, headers };
}

interface Answer {
  readonly head: string;
  /** Bytes of the object, half-open; none for HEAD and failures. */
  readonly object: KeptObject | undefined;
  readonly start: number;
  readonly end: number;
}

class Connection {
  readonly #socket: Socket;
  readonly #kept: ReadonlyMap<string, KeptObject>;
  #received: Buffer = Buffer.alloc(0);
  /** One request after another: the next is looked at when the answer before has been written. */
  #isAnswering = false;

  constructor(socket: Socket, kept: ReadonlyMap<string, KeptObject>) {
    this.#socket = socket;
    this.#kept = kept;
    // Whoever asks may leave at any time.
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#answerNext();
    });
  }

  #answerNext(): void {
    if (this.#isAnswering) return;
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const request = this.#received.toString("latin1", 0, end);
    this.#received = this.#received.subarray(end + 4);
    this.#isAnswering = true;
    const path = decodeURIComponent(pathPattern.exec(request)?.[1] ?? "");
    const object = this.#kept.get(path);
    const send = () => this.#send(answerTo(request, object));
    if (object === undefined || object.firstByteMs === 0) send();
    else setTimeout(send, object.firstByteMs);
  }

  #send({ head, object, start, end }: Answer): void {
    const socket = this.#socket;
    if (object === undefined || start === end) {
      socket.write(head, "latin1");
      this.#answered();
      return;
    }
    const first = pieceOfBody(object.noiseStart, start, end);
    socket.cork();
    socket.write(head, "latin1");
    socket.write(first);
    socket.uncork();
    this.#sendFrom(object, start + first.length, end);
  }

  #sendFrom(object: KeptObject, start: number, end: number): void {
    const socket = this.#socket;
    let offset = start;
    while (offset < end) {
      if (socket.destroyed) return;
      if (socket.writableNeedDrain) {
        socket.once("drain", () => this.#sendFrom(object, offset, end));
        return;
      }
      const piece = pieceOfBody(object.noiseStart, offset, end);
      offset += piece.length;
      socket.write(piece);
    }
    this.#answered();
  }

  #answered(): void {
    this.#isAnswering = false;
    if (this.#received.length > 0) this.#answerNext();
  }
}

const pathPattern = /^(?:GET|HEAD) ([^ ?]+)/;
const ifMatchPattern = /\r\nif-match: *([^\r]+)/i;
const rangePattern = /\r\nrange: *bytes=(\d+)-(\d*)/i;

function answerTo(request: string, object: KeptObject | undefined): Answer {
  if (object === undefined) return failure("404 Not Found", "NoSuchKey");
  const { sizeBytes, etag, headers } = object;
  const pin = ifMatchPattern.exec(request)?.[1];
  if (pin !== undefined && pin !== etag) return failure("412 Precondition Failed", "PreconditionFailed");
  const body = request.startsWith("HEAD") ? undefined : object;
  const range = rangePattern.exec(request);
  if (range === null) {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${sizeBytes}\r\n${headers}\r\n\r\n`;
    return { head, object: body, start: 0, end: sizeBytes };
  }
  const start = Number(range[1]);
  const end = Math.min(sizeBytes, range[2] ? Number(range[2]) + 1 : sizeBytes);
  if (start >= end) return failure("416 Range Not Satisfiable", "InvalidRange");
  const contentRange = `Content-Range: bytes ${start}-${end - 1}/${sizeBytes}`;
  const head = `HTTP/1.1 206 Partial Content\r\nContent-Length: ${end - start}\r\n${contentRange}\r\n${headers}\r\n\r\n`;
  return { head, object: body, start, end };
}

function failure(status: string, code: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return { head, object: undefined, start: 0, end: 0 };
}
