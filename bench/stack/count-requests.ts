import { subscribe } from "node:diagnostics_channel";
import { z } from "zod";

/**
 * Loaded into the stack's process by stack-process.ts: counts what its S3 is asked, and tells the counts to whoever
 * sends a message. Outside of the stack's own code, so that what is measured is what runs.
 */

const startSchema = z.object({
  request: z.object({ method: z.string(), url: z.string() }),
});

let listings = 0;
let heads = 0;

subscribe("http.server.request.start", (message) => {
  const { method, url } = startSchema.parse(message).request;
  if (method === "GET" && url.includes("list-type=2")) listings += 1;
  if (method === "HEAD") heads += 1;
});

process.on("message", () => process.send?.({ listings, heads }));
