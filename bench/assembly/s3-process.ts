import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { startLocalS3 } from "../../local/s3/server.ts";
import { Store } from "../../local/s3/store.ts";
import { answerWith, inputOf } from "../child.ts";
import { readObjectSet } from "../stream/object-set.ts";
import { account, archivesBucket } from "./account.ts";
import { fillStore } from "./fill-store.ts";
import { kindOf, noTraffic, type Traffic } from "./traffic.ts";

/**
 * The local S3 in a process of its own, with the objects of a set in it. It tells whoever sends it a message what it was asked
 * since the message before. It counts by Node's own diagnostics, outside of the S3's code.
 */

const exchangeSchema = z.object({
  request: z.instanceof(IncomingMessage),
  response: z.instanceof(ServerResponse),
});
const { dataDir, setFile } = inputOf(z.object({ dataDir: z.string(), setFile: z.string() }));
let counted: Traffic = noTraffic;

const store = new Store(dataDir);
fillStore(store, readObjectSet(setFile), [archivesBucket]);
store.close();
const { region, ...credentials } = account;
const { endpoint } = await startLocalS3({ dataDir, port: 0, region, credentials: [credentials] });

subscribe("http.server.request.start", (message) => {
  const { request, response } = exchangeSchema.parse(message);
  response.once("close", () => count(request, response));
});
process.on("message", () => {
  const told = counted;
  counted = noTraffic;
  answerWith(told);
});
process.once("disconnect", () => process.exit());
answerWith({ endpoint });

/** A body counts whole, even if whoever asked for it broke off. */
function count({ method = "", url: target = "", headers }: IncomingMessage, response: ServerResponse): void {
  const kind = kindOf({ method, target, isCopy: headers["x-amz-copy-source"] !== undefined });
  const received = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
  const { readBytes, uploadedBytes } = counted;
  counted = {
    ...counted,
    [kind]: counted[kind] + 1,
    readBytes: readBytes + (kind === "get" ? Number(response.getHeader("content-length") ?? 0) : 0),
    uploadedBytes: uploadedBytes + (kind === "put" ? Number(received ?? 0) : 0),
  };
}
