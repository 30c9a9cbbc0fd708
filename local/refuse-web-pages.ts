import type { IncomingMessage, RequestListener, Server } from "node:http";

/**
 * Lets a server on 127.0.0.1 answer this machine's programs and no page in a browser: a page can send requests to
 * any port here, says where it comes from (Origin), asks beforehand (OPTIONS), or has a name of its own lead here
 * (Host). To be called when the server has its request listener and its port.
 */
export function refuseWebPages(server: Server, port: number): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const isProgram = ({ method, headers }: IncomingMessage) =>
    method !== "OPTIONS" && headers.origin === undefined && hosts.includes(headers.host ?? "");
  const answers = server.listeners("request");
  const listener: RequestListener = (request, response) => {
    if (isProgram(request)) for (const answer of answers) answer.call(server, request, response);
    else response.writeHead(403).end();
  };
  server.removeAllListeners("request");
  server.on("request", listener);
}
