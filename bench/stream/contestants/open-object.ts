import type { Readable } from "node:stream";
import { Pool } from "undici";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";

/** Gives the body of an object. */
export type OpenObject = (object: BenchObject) => Promise<Readable>;

/** The cheapest read path there is for a stream: undici's request, unsigned, on so many connections. */
export function objectOpener({ endpoint, bucket }: Work, connections: number): OpenObject {
  // A body that waits for its turn is not too slow.
  const pool = new Pool(endpoint, { connections, headersTimeout: 0, bodyTimeout: 0 });
  return async ({ key }) => {
    const { statusCode, body } = await pool.request({ method: "GET", path: encodeURI(`/${bucket}/${key}`) });
    if (statusCode !== 200) throw new Error(`The origin answered ${statusCode} for ${key}`);
    return body;
  };
}

export function mtimeOf({ mtimeEpochSeconds }: BenchObject): Date {
  return new Date(mtimeEpochSeconds * 1000);
}
