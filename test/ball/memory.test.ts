import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("a million entries keep at most 150 bytes each, with their CRC-32s and their layout", async () => {
  const script = fileURLToPath(new URL("./measure-memory.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
  const { bytes, entryCount } = JSON.parse(stdout);
  expect(entryCount).toBe(1_000_000);
  expect(bytes / entryCount).toBeLessThanOrEqual(150);
  // Less than keys and pins alone would mean that something was not measured.
  expect(bytes / entryCount).toBeGreaterThan(100);
}, 60_000);
