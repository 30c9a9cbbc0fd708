import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** So many bytes of bodies go by until what held them is collected. */
const everyBytes = 8 * 1024 * 1024;
/** Less than this on the heap, or beside it, is not worth collecting more than what is young. */
const enoughBytes = { heapUsed: 28 * 1024 * 1024, external: 36 * 1024 * 1024 };

/**
 * Has the buffers collected through which bodies came.
 *
 * A buffer of 64 KiB is some 100 bytes on V8's heap, so that its young generation fills slowly while buffers pile up
 * beside it, until there are so many of them that V8 collects all of its heap, again and again. To collect what is young in
 * time takes a fraction of that, and spares tens of megabytes. All is collected only when much has gathered: buffers that
 * had to wait for a slow object are not young any more.
 */
export class BufferCollector {
  #bytes = 0;
  #most = enoughBytes;

  /** So many bytes have come. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < everyBytes) return;
    this.#bytes = 0;
    // Asked ahead of collecting: what is collected is given back by another thread, some time later.
    const { heapUsed, external } = process.memoryUsage();
    const isMuch = heapUsed > this.#most.heapUsed || external > this.#most.external;
    collector()({ type: isMuch ? "major" : "minor", execution: "sync" });
    if (isMuch) this.#most = moreThan(process.memoryUsage());
  }
}

/** What is really held is not looked through each time. */
function moreThan({ heapUsed, external }: NodeJS.MemoryUsage): typeof enoughBytes {
  return {
    heapUsed: Math.max(enoughBytes.heapUsed, heapUsed * 1.5),
    external: Math.max(enoughBytes.external, external * 1.5),
  };
}

let made: NodeJS.GCFunction | undefined;

/** V8's own function, which a context has when it is made while that is exposed. Where it can not be had, none is missed. */
function collector(): NodeJS.GCFunction {
  made ??= exposed();
  return made;
}

function exposed(): NodeJS.GCFunction {
  try {
    setFlagsFromString("--expose-gc");
    const collect: NodeJS.GCFunction = runInNewContext("gc");
    setFlagsFromString("--no-expose-gc");
    return collect;
  } catch {
    return async () => undefined;
  }
}
