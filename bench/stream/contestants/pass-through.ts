import type { Readable, Writable } from "node:stream";
import { crc32 } from "node:zlib";
import type { BenchObject } from "../object-set.ts";
import type { Work } from "./contestants.ts";
import { type OpenObject, objectOpener } from "./open-object.ts";

/** The baseline: the same bodies, one after another, into the same sink. */
export function oneByOne(work: Work): () => Promise<void> {
  const open = objectOpener(work, 1);
  return async () => {
    for (const object of work.objects) await pass(await open(object), work.sink, noLook);
    work.sink.end();
  };
}

/** The floor: a zip of stored bodies can not do less than read each of them and compute its CRC-32. */
export function withCrc32s(work: Work): () => Promise<void> {
  const open = objectOpener(work, 1);
  return async () => {
    for (const object of work.objects) await passChecked(object, await open(object), work.sink);
    work.sink.end();
  };
}

/** The same with bodies asked for ahead, so that nobody waits for the origin alone. */
export function withCrc32sInFlight(work: Work): () => Promise<void> {
  const open = objectOpener(work, inFlight);
  return async () => {
    for await (const [object, body] of inOrder(work.objects, open))
      await passChecked(object, body, work.sink);
    work.sink.end();
  };
}

const inFlight = 64;
const noLook = () => undefined;

async function* inOrder(
  objects: readonly BenchObject[],
  open: OpenObject,
): AsyncGenerator<[BenchObject, Readable], void, undefined> {
  const asked: Promise<Readable>[] = [];
  for (const [index, object] of objects.entries()) {
    while (asked.length < inFlight) {
      const next = objects[index + asked.length];
      if (next === undefined) break;
      asked.push(open(next));
    }
    const body = await asked.shift();
    if (body !== undefined) yield [object, body];
  }
}

/** By events: of small bodies, an async iterator would cost a seventh more. */
function pass(body: Readable, sink: Writable, look: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  body.on("data", (chunk: Buffer) => {
    look(chunk);
    if (sink.write(chunk)) return;
    body.pause();
    sink.once("drain", () => body.resume());
  });
  body.on("end", resolve);
  body.on("error", reject);
  return promise;
}

async function passChecked(
  { key, crc32: expected }: BenchObject,
  body: Readable,
  sink: Writable,
): Promise<void> {
  let found = 0;
  await pass(body, sink, (chunk) => {
    found = crc32(chunk, found);
  });
  if (found !== expected) throw new Error(`The body of ${key} has another CRC-32 than its set says`);
}
