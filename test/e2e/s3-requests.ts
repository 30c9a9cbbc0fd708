import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";

/** Requests that arrived at the S3 server of this process since the watching began. */
export interface S3Requests {
  /** `GET /bucket/key`, in the order of arrival. */
  readonly lines: readonly string[];
  /** The same with the queries, as in `GET /bucket/key?attributes`. */
  readonly targets: readonly string[];
  /** Requests whose answer is not through. */
  readonly openCount: number;
}

const started = z.object({
  request: z.instanceof(IncomingMessage),
  response: z.instanceof(ServerResponse),
});

/** Watches the S3 server at `endpoint` until the test is over. */
export function watchS3(endpoint: string): S3Requests {
  const port = Number(new URL(endpoint).port);
  const watched = { lines: [] as string[], targets: [] as string[], openCount: 0 };
  const onStart = (message: unknown) => {
    const { request, response } = started.parse(message);
    if (request.socket.localPort !== port) return;
    const { pathname, search } = new URL(request.url ?? "", endpoint);
    watched.lines.push(`${request.method} ${pathname}`);
    watched.targets.push(`${request.method} ${pathname}${search}`);
    watched.openCount += 1;
    response.once("close", () => {
      watched.openCount -= 1;
    });
  };
  subscribe("http.server.request.start", onStart);
  onTestFinished(() => void unsubscribe("http.server.request.start", onStart));
  return watched;
}
