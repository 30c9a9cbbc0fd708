import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";

/** Stands between clients and a server, and keeps what was asked and answered. */
export interface FrontDoor {
  readonly url: string;
  /** As in `GET 302 /x.zip?wait=1`, in the order of the answers. */
  readonly answers: readonly string[];
  close(): Promise<void>;
}

/** A door in front of a server, which may be known only when the first request comes. */
export async function openFrontDoor(behind: () => string): Promise<FrontDoor> {
  const answers: string[] = [];
  const pass = (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = "", headers } = request;
    const asked = ask(new URL(url, behind()), { method, headers }, (answer) => {
      answers.push(`${method} ${answer.statusCode} ${url}`);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.on("error", () => response.destroy());
    response.on("close", () => asked.destroy());
    asked.end();
  };
  const server = createServer(pass);
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    close: () => closeServer(server),
  };
}
