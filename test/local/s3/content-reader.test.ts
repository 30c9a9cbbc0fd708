import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../../../local/loopback.ts";
import { BodyStore } from "../../../local/s3/body-store.ts";
import { ContentStream } from "../../../local/s3/content-reader.ts";
import { temporaryDirectory } from "./local-server.ts";

const mebibyte = 1024 * 1024;

/** A body of a mebibyte, about to be sent. */
async function openBody(): Promise<ContentStream> {
  const bodies = new BodyStore(temporaryDirectory());
  const writer = bodies.create();
  await writer.write(Buffer.alloc(mebibyte));
  await writer.finish();
  bodies.keep(writer.id);
  return new ContentStream(bodies, [{ bodyId: writer.id, offset: 0, length: mebibyte }]);
}

/** An answer of which more was written than the system takes, and the client who asked, who reads nothing. */
async function stuckAnswer(): Promise<{ response: ServerResponse; client: Socket }> {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => asked.resolve(response));
  const port = await listenOnLoopback(server, 0);
  onTestFinished(() => closeServer(server));
  const client = connect(port, "127.0.0.1").pause();
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const response = await asked.promise;
  response.writeHead(200).write(Buffer.alloc(64 * mebibyte));
  return { response, client };
}

test("a body that is sent to a client who half left, and then leaves, does not wait for ever", async () => {
  const { response, client } = await stuckAnswer();
  client.end();
  await once(response.req.socket, "end");
  const stuckBytes = response.writableLength;
  const sent = (await openBody()).sendTo(response);
  await expect.poll(() => response.writableLength).toBeGreaterThan(stuckBytes);
  client.destroy();
  await expect(sent).rejects.toThrow("The client left");
});
