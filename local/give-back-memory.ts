import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Resident memory above which this process gives back what it does not use. */
const enoughBytes = 160_000_000;
const lookEveryMs = 250;
/** A collection takes some 70 ms: this is how often that may happen where the memory is really used. */
const restMs = 1_000;

/**
 * Keeps the memory of this process near what it uses, until the process ends.
 *
 * V8 takes the size of the machine for an invitation: it lets garbage gather, and keeps the pages it once had for
 * itself. Only a collection "of last resort" hands them back to the system, and V8 by itself makes one when a
 * process has been idle for seconds, which one that streams never is.
 */
export function giveBackMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  let collectedAtMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    if (process.memoryUsage.rss() < enoughBytes || performance.now() - collectedAtMs < restMs) return;
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    collectedAtMs = performance.now();
  };
  setInterval(look, lookEveryMs).unref();
}
