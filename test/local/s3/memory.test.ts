import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "./local-server.ts";

const run = promisify(execFile);

test("a gibibyte goes in and out of a server that stays small", async () => {
  const program = new URL("./stream-a-gibibyte.ts", import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [program, temporaryDirectory()]);
  const { bytesRead, peakMebibytes } = JSON.parse(stdout);
  expect(bytesRead).toBe(1024 ** 3);
  // A Node process with the SDK takes some 100 MiB before it does anything.
  expect(peakMebibytes).toBeLessThan(220);
}, 60_000);
