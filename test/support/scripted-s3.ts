import { createServer, type Socket } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { listenOnLoopback } from "../../local/loopback.ts";

/** A server that says what a test wants, byte for byte. */
export interface ScriptedS3 {
  readonly client: S3Client;
  /** Request line and headers of all requests so far. */
  readonly requests: readonly string[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections there have been. */
  readonly socketCount: () => number;
}

/** Writes the answer to the `nth` request, counted from 1. */
export type Answer = (socket: Socket, nth: number) => void;

/** Closed, with all its connections, when the test is over. */
export async function scriptedS3(answer: Answer): Promise<ScriptedS3> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let socketCount = 0;
  const server = createServer((socket) => {
    socketCount += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
    let received = "";
    socket.setEncoding("latin1").on("data", (text) => {
      const [head = "", ...rest] = `${received}${text}`.split("\r\n\r\n");
      received = rest.join("\r\n\r\n");
      if (rest.length > 0) answer(socket, requests.push(head));
    });
  });
  const port = await listenOnLoopback(server, 0);
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
  const client = new S3Client({ endpoint, region: "eu-west-1", credentials, forcePathStyle: true });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { client, requests, sockets, socketCount: () => socketCount };
}

/** The beginning of an answer with the bytes `start` to `end` of an object of `sizeBytes` bytes, all of it by default. */
export function headOf(sizeBytes: number, start = 0, end = sizeBytes): string {
  const isWhole = start === 0 && end === sizeBytes;
  const range = isWhole ? "" : `Content-Range: bytes ${start}-${end - 1}/${sizeBytes}\r\n`;
  return `HTTP/1.1 ${isWhole ? "200 OK" : "206 Partial Content"}\r\nETag: "e"\r\n${range}Content-Length: ${end - start}\r\n\r\n`;
}
