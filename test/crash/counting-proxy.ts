import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";

/** A request of a worker to S3. */
export interface WorkerRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Of its body. */
  sentBytes: number;
  /** Of the answer's body. */
  receivedBytes: number;
  /** Bytes that S3 copies for it. */
  readonly copiedBytes: number;
  /** Bucket and key that they are copied from. */
  readonly copiedFrom: string | undefined;
}

/** An answer in S3's place. */
interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** Stands between workers and an S3: everything passes as it is, and is counted. What is to happen may be set at any time. */
export interface CountingProxy {
  readonly endpoint: string;
  /** In the order in which S3 answered them. */
  readonly requests: WorkerRequest[];
  /** Called when S3 has done what was asked and its answer waits to be handed on; `nth` counts from 1. */
  onAnswer: (nth: number, request: WorkerRequest) => void;
  /** Called when the answer has been handed on. */
  onAnswered: (nth: number, request: WorkerRequest) => void;
  /** Says which requests are refused and never come to S3. */
  refuse: (request: WorkerRequest) => Refusal | undefined;
  /** Resolves when S3 has nothing to do any more. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export async function startCountingProxy(endpoint: string): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const underWay = new Set<Promise<void>>();
  const pass = (asked: IncomingMessage, answer: ServerResponse) =>
    passRequest(proxy, { asked, answer, agent, endpoint });
  const server = createServer((asked, answer) => {
    // A worker that was killed takes no answer, and has nobody to tell of it.
    const passing = pass(asked, answer).catch(() => void answer.destroy());
    underWay.add(passing);
    passing.finally(() => underWay.delete(passing));
  });
  const port = await listenOnLoopback(server, 0);
  const proxy: CountingProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    requests: [],
    onAnswer: () => undefined,
    onAnswered: () => undefined,
    refuse: () => undefined,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      await closeServer(server);
      agent.destroy();
    },
  };
  return proxy;
}

interface Exchange {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly agent: Agent;
  readonly endpoint: string;
}

async function passRequest(
  proxy: CountingProxy,
  { asked, answer, agent, endpoint }: Exchange,
): Promise<void> {
  const { method = "", url: target = "", headers } = asked;
  const passed: WorkerRequest = {
    method,
    target,
    sentBytes: 0,
    receivedBytes: 0,
    ...copyOf(headers),
  };
  const refusal = proxy.refuse(passed);
  if (refusal !== undefined) return await refuse(asked, answer, refusal);
  const forwarded = request(new URL(target, endpoint), { method, headers, agent });
  const answering = once(forwarded, "response");
  asked.on("data", (chunk: Buffer) => {
    passed.sentBytes += chunk.length;
  });
  // What was not wholly sent when its worker was killed breaks off at S3, too.
  const [fromS3]: IncomingMessage[] = (await Promise.all([answering, pipeline(asked, forwarded)]))[0];
  if (fromS3 === undefined) throw new Error("S3 answered nothing");
  const nth = proxy.requests.push(passed);
  proxy.onAnswer(nth, passed);
  // Its worker was killed before.
  if (answer.destroyed) return void fromS3.resume();
  answer.writeHead(fromS3.statusCode ?? 500, fromS3.headers);
  fromS3.on("data", (chunk: Buffer) => {
    passed.receivedBytes += chunk.length;
  });
  // A connection that is reset may close without an error.
  await Promise.race([pipeline(fromS3, answer), once(answer, "close")]);
  proxy.onAnswered(nth, passed);
}

async function refuse(
  asked: IncomingMessage,
  answer: ServerResponse,
  { status, code }: Refusal,
): Promise<void> {
  asked.resume();
  answer.writeHead(status, { "content-type": "application/xml" });
  answer.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>A fault</Message></Error>`,
  );
  await once(answer, "finish");
}

function copyOf(headers: IncomingMessage["headers"]): Pick<WorkerRequest, "copiedBytes" | "copiedFrom"> {
  const source = headers["x-amz-copy-source"];
  const range = /^bytes=(\d+)-(\d+)$/.exec(String(headers["x-amz-copy-source-range"]));
  return {
    copiedBytes: range === null ? 0 : Number(range[2]) - Number(range[1]) + 1,
    copiedFrom: typeof source === "string" ? decodeURIComponent(source) : undefined,
  };
}
