import type { Readable } from "node:stream";
import { Pool } from "undici";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";

/** Gives the body of an object. */
export type OpenObject = (object: BenchObject) => Promise<Readable>;

/** The best read path a stream can have: undici's request, unsigned, on so many connections. */
export function objectOpener({ endpoint, bucket }: Work, connections: number): OpenObject {
  // A body that waits for its turn is not too slow.
  const pool = new Pool(endpoint, { connections, headersTimeout: 0, bodyTimeout: 0 });
  return async ({ key }) => {
    const { statusCode, body } = await pool.request({ method: "GET", path: encodeURI(`/${bucket}/${key}`) });
    if (statusCode !== 200) throw new Error(`The origin answered ${statusCode} for ${key}`);
    return body;
  };
}

/** The same, but of a small object its bytes: to whom takes both, they cost less than a stream. */
export function bodyOpener(
  work: Work,
  connections: number,
): (object: BenchObject) => Promise<Readable | Buffer> {
  const open = objectOpener(work, connections);
  return async (object) => {
    const body = await open(object);
    return object.sizeBytes > mostCollectedBytes ? body : await collect(body);
  };
}

const mostCollectedBytes = 64 * 1024;

function collect(body: Readable): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  body.on("data", (chunk: Buffer) => chunks.push(chunk));
  body.on("end", () => resolve(Buffer.concat(chunks)));
  body.on("error", reject);
  return promise;
}

export function mtimeOf({ mtimeEpochSeconds }: BenchObject): Date {
  return new Date(mtimeEpochSeconds * 1000);
}
