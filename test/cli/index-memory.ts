import { z } from "zod";
import { runIndex } from "../../cli/index-bucket/run.ts";
import { parseIndexerEnv } from "../../lambdas/env.ts";

/**
 * Run in a process of its own, with --expose-gc, by memory.test.ts: indexes the bucket that the first argument names.
 * Prints, for each page, how many objects were done, the bytes that are then in use, and those that are resident.
 */
const { gc } = z
  .object({ gc: z.custom<() => void>((value) => typeof value === "function") })
  .parse(globalThis);
const [bucket = ""] = process.argv.slice(2);
const pages: { objectCount: number; usedBytes: number; residentBytes: number }[] = [];
let objectCount = 0;
const isDone = await runIndex({
  env: parseIndexerEnv(process.env),
  ...{ bucket, prefix: "", asksCrc32s: false, startsAgain: true },
  signal: new AbortController().signal,
  progress: {
    start() {},
    advance(page) {
      objectCount += page.objectCount;
      const residentBytes = process.memoryUsage.rss();
      // What one collection has only seen to be unused, such as compiled code and finalizers' objects, the next one takes.
      for (let times = 0; times < 3; times += 1) gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      pages.push({ objectCount, usedBytes: heapUsed + arrayBuffers, residentBytes });
    },
    stop() {},
  },
});
console.log(JSON.stringify({ isDone, pages }));
