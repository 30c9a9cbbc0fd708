import { once } from "node:events";
import type { Work } from "./contestants.ts";
import { openObject } from "./open-object.ts";

/** The baseline: the same bodies, one after another, into the same sink. */
export async function passThrough(work: Work): Promise<void> {
  const { objects, sink } = work;
  for (const object of objects) {
    // Not pipeline with `end: false`, which leaves its listeners on the sink and gets slower with every object.
    for await (const chunk of await openObject(work, object)) {
      if (!sink.write(chunk)) await once(sink, "drain");
    }
  }
  sink.end();
}
