import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Authenticator, type Credentials } from "./authenticate.ts";
import type { Bucket } from "./bucket-table.ts";
import { ContentStream } from "./content-reader.ts";
import { S3Error } from "./errors.ts";
import { type DeliverEvents, EventRelay } from "./event-relay.ts";
import { type ObjectChange, objectEvent } from "./object-event.ts";
import { operationFor } from "./operations.ts";
import { openPayload } from "./payload.ts";
import { errorReply, type Reply } from "./reply.ts";
import { parseTarget, type S3Request } from "./request.ts";
import { Store } from "./store.ts";

export interface LocalS3Options {
  /** Where everything is kept; made when it is missing. One server at a time. */
  readonly dataDir: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly region: string;
  readonly credentials: readonly Credentials[];
  readonly now?: () => Date;
  /** Who is told of changes in the buckets that are configured to tell; none: nobody. */
  readonly deliverEvents?: DeliverEvents;
}

export interface LocalS3 {
  /** `http://127.0.0.1:PORT`, for path-style addressing. */
  readonly endpoint: string;
  /** Ends all connections, also those in the middle of an answer, and closes the database. Once; again is no error. */
  close(): Promise<void>;
}

/**
 * Starts an S3 server for this machine: path-style addresses, Signature Version 4, and the operations of
 * operations.ts as S3 does them; everything else answers 501.
 * Throws: the system's error when the port is taken or the directory cannot be written, and an Error naming the
 * directory when another server has it.
 */
export async function startLocalS3(options: LocalS3Options): Promise<LocalS3> {
  // A presigned link with a session token and a long key is a long request line.
  const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0, maxHeaderSize: 64 * 1024 });
  await listen(server, options.port);
  const store = openStore(server, options.dataDir);
  const { deliverEvents } = options;
  const relay = deliverEvents && new EventRelay(store.outbox, deliverEvents);
  serve(server, { store, relay, ...options });
  relay?.wake();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  let closed: Promise<void> | undefined;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () => {
      closed ??= close(server, store, relay);
      return closed;
    },
  };
}

/** In the same turn in which the port was taken, so before any request. */
function openStore(server: Server, dataDir: string): Store {
  try {
    return new Store(dataDir);
  } catch (error) {
    server.close();
    throw error;
  }
}

interface Service extends LocalS3Options {
  readonly store: Store;
  readonly relay: EventRelay | undefined;
}

function serve(server: Server, { store, relay, region, credentials, now = () => new Date() }: Service): void {
  const authenticator = new Authenticator({ credentials, region, now });

  function run(request: S3Request, requestId: string, sourceIpAddress: string): Reply | Promise<Reply> {
    const authenticated = authenticator.authenticate(request);
    const payload = () => openPayload(request, authenticated);
    const announce = (bucket: Bucket, change: ObjectChange) => {
      if (relay === undefined || !bucket.sendsEvents) return;
      const facts = { bucket: bucket.name, region, time: now(), requestId, sourceIpAddress };
      store.outbox.add((sequencer) => objectEvent(change, { ...facts, sequencer }));
      relay.wake();
    };
    return operationFor(request)({ request, store, region, now, payload, announce });
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    // Of the clock that signatures are judged by: a client whose own is wrong learns it from there.
    response.setHeader("Date", now().toUTCString());
    let reply: Reply;
    try {
      const sourceIpAddress = incoming.socket.remoteAddress ?? "";
      reply = await run(requestOf(incoming, response), requestId, sourceIpAddress);
    } catch (error) {
      if (incoming.destroyed && !incoming.complete) return;
      reply = errorReply(toS3Error(error), { resource: pathOf(incoming), requestId });
    }
    await send(reply, incoming, response, requestId);
  }

  const onRequest = (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response).catch(() => response.destroy());
  };
  server.on("request", onRequest);
  server.on("checkContinue", onRequest);
}

function requestOf(incoming: IncomingMessage, response: ServerResponse): S3Request {
  return {
    method: incoming.method ?? "",
    ...parseTarget(incoming.url ?? ""),
    headers: incoming.headers,
    body: () => {
      if (incoming.headers.expect !== undefined) response.writeContinue();
      // Ending early must not end the connection, over which the answer still has to go.
      return incoming.iterator({ destroyOnReturn: false });
    },
  };
}

async function send(
  reply: Reply,
  incoming: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { status, headers } = reply;
  const body = incoming.method === "HEAD" ? undefined : reply.body;
  const length = typeof body === "string" ? Buffer.byteLength(body) : body?.length;
  const isContinued = incoming.headers.expect === undefined || incoming.complete;
  response.writeHead(status, {
    "x-amz-request-id": requestId,
    server: "zipball-local-s3",
    ...(length === undefined ? {} : { "content-length": length }),
    ...headers,
    // The client may or may not send the body it was not asked for.
    ...(isContinued ? {} : { connection: "close" }),
  });
  if (!(body instanceof ContentStream)) {
    response.end(body);
    return;
  }
  await body.sendTo(response);
  response.end();
}

function toS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  console.error("local S3:", error);
  return new S3Error("InternalError", "We encountered an internal error. Please try again.", {
    cause: error,
  });
}

function pathOf(incoming: IncomingMessage): string {
  return (incoming.url ?? "").split("?", 1)[0] ?? "";
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function close(server: Server, store: Store, relay: EventRelay | undefined): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await Promise.all([closed, relay?.close()]);
  store.close();
}
