import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";

/** The body of an object as the SDK gives it. */
export async function openObject({ s3, bucket }: Work, { key }: BenchObject): Promise<Readable> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (Body instanceof Readable) return Body;
  throw new TypeError("GetObject answered without a body");
}

export function mtimeOf({ mtimeEpochSeconds }: BenchObject): Date {
  return new Date(mtimeEpochSeconds * 1000);
}
