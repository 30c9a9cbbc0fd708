import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

/** How a download ended: what came, and whether the connection said that it was all. */
export interface Ended {
  readonly status: number;
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** A response of which nothing has been read, and nothing is read until somebody does. */
export async function openResponse(
  link: string,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> {
  const sent = request(link, { agent: false, headers }).end();
  const [response] = await once(sent, "response");
  return response;
}

/** Reads a response to its end, good or bad. */
export async function readToEnd(response: IncomingMessage): Promise<Ended> {
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  await new Promise((resolve) => response.once("close", resolve).resume());
  return { status: response.statusCode ?? 0, bytes: Buffer.concat(chunks), isWhole: response.complete };
}
