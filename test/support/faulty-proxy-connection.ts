import { on, once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault, OwnAnswer, Refusal, Spoiled } from "./faulty-proxy-faults.ts";
import { bodyBytesOf, changedHead, type Head, headOf } from "./faulty-proxy-messages.ts";

export interface Manners {
  /** Where S3 listens. */
  readonly endpoint: string;
  /** What goes wrong with a request; undefined: nothing. */
  readonly faultOf: (request: Head) => Fault | undefined;
  readonly refuse: (refusal: Refusal) => void;
}

/**
 * Serves one connection of a client by one of its own to S3: requests without bodies, one after another. Heads and
 * bodies pass as they are, so that signatures hold. Resolves when the connection is over, or left in its fault.
 */
export async function serveConnection(client: Socket, manners: Manners): Promise<void> {
  const { hostname, port } = new URL(manners.endpoint);
  const origin = connect(Number(port), hostname);
  for (const socket of [client, origin]) socket.setNoDelay(true).on("error", () => undefined);
  client.once("close", () => origin.destroy());
  origin.once("close", () => client.destroySoon());
  const answers = new Answers(origin);
  for await (const request of requestsOf(client)) {
    const fault = manners.faultOf(request);
    if (fault?.instead !== undefined) await misbehave(client, fault.instead, manners);
    else await passAnswer(client, { origin, answers, request, fault });
    if (client.destroyed || client.writableEnded) return;
  }
}

/** Whoever is stalled ends by leaving: the client's bytes are read meanwhile, and so its end is seen. */
async function* requestsOf(client: Socket): AsyncGenerator<Head> {
  let held = Buffer.alloc(0);
  for await (const [chunk] of on(client, "data", { close: ["close"] })) {
    held = Buffer.concat([held, chunk]);
    for (let head = headOf(held); head !== undefined; head = headOf(held)) {
      held = held.subarray(head.bytes.length);
      yield head;
    }
  }
}

async function misbehave(client: Socket, instead: NonNullable<Fault["instead"]>, { refuse }: Manners) {
  if (instead === "stall") await closed(client);
  else if (instead === "reset") client.resetAndDestroy();
  else if ("reopenAfterMs" in instead) refuse(instead);
  else await write(client, encodeAnswer(instead));
}

function encodeAnswer({ status, code, fields }: OwnAnswer): Buffer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>A fault</Message></Error>`;
  const all = {
    date: new Date().toUTCString(),
    "content-type": "application/xml",
    "content-length": `${body.length}`,
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${code}\r\n${lines.join("")}\r\n${body}`, "latin1");
}

interface Exchange {
  readonly origin: Socket;
  readonly answers: Answers;
  readonly request: Head;
  readonly fault: Fault | undefined;
}

async function passAnswer(client: Socket, { origin, answers, request, fault }: Exchange): Promise<void> {
  origin.write(request.bytes);
  const answer = await answers.head();
  const bodyBytes = bodyBytesOf(answer, request);
  const isSuccess = / 20\d /.test(answer.startLine);
  const spoiled = (isSuccess ? fault?.spoil?.(answer) : undefined) ?? {};
  const head = spoiled.head === undefined ? answer.bytes : changedHead(answer, spoiled.head);
  await write(client, head.subarray(0, spoiled.headBytes));
  await passBody(client, answers, bodyBytes, spoiled);
  if (spoiled.ending === "reset") client.resetAndDestroy();
  else if (spoiled.ending === "end") client.end();
  else if (spoiled.ending === "stall") await closed(client);
}

async function closed(client: Socket): Promise<void> {
  if (!client.destroyed) await once(client, "close");
}

async function passBody(client: Socket, answers: Answers, bodyBytes: number, spoiled: Spoiled) {
  const { body, behind, flipAt, trickle = { bytes: 0, everyMs: 0 } } = spoiled;
  const passBytes = body === undefined ? Math.min(spoiled.passBytes ?? bodyBytes, bodyBytes) : 0;
  for (let passed = 0; passed < passBytes; ) {
    const chunk = await answers.chunk(passBytes - passed);
    if (flipAt !== undefined) flip(chunk, flipAt - passed);
    const slowBytes = Math.min(chunk.length, Math.max(0, trickle.bytes - passed));
    await writeSlowly(client, chunk.subarray(0, slowBytes), trickle.everyMs);
    if (slowBytes < chunk.length) await write(client, chunk.subarray(slowBytes));
    passed += chunk.length;
  }
  for (const added of [body, behind]) if (added !== undefined) await write(client, added);
  if (spoiled.ending !== undefined) return;
  // The connection to S3 is good for another request only behind the whole of this answer.
  for (let left = bodyBytes - passBytes; left > 0; ) left -= (await answers.chunk(left)).length;
}

function flip(chunk: Buffer, at: number): void {
  if (at >= 0 && at < chunk.length) chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at);
}

async function writeSlowly(client: Socket, bytes: Buffer, everyMs: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += 1) {
    await write(client, bytes.subarray(at, at + 1));
    await delay(everyMs);
  }
}

/** What S3 sends on one connection, read as it is handed on. */
class Answers {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(origin: Socket) {
    this.#chunks = origin[Symbol.asyncIterator]();
  }

  async head(): Promise<Head> {
    for (;;) {
      const head = headOf(this.#held);
      if (head !== undefined) {
        this.#held = this.#held.subarray(head.bytes.length);
        return head;
      }
      this.#held = Buffer.concat([this.#held, await this.#next()]);
    }
  }

  /** Bytes of a body as they come, at least one and at most so many. */
  async chunk(mostBytes: number): Promise<Buffer> {
    if (this.#held.length === 0) this.#held = await this.#next();
    const chunk = this.#held.subarray(0, mostBytes);
    this.#held = this.#held.subarray(chunk.length);
    return chunk;
  }

  async #next(): Promise<Buffer> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new Error("S3 closed its connection");
    return value;
  }
}

/** Resolves when the bytes have left. Throws: Error when the socket has been closed. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
