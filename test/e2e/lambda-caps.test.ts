import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { expect } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { temporaryFolder } from "../local/temporary-folder.ts";
import { testWith } from "../support/outside-programs.ts";
import { putSparseObject } from "../support/sparse-object.ts";
import { startTestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

testWith(
  ["curl"],
  "a ball over Lambda's limit comes by curl -L, the same bytes as a stream without limits",
  async () => {
    const dataDir = temporaryFolder();
    const folder = temporaryFolder();
    const fetched = async (link: string, name: string) => {
      const file = join(folder, name);
      await runProgram("curl", ["-sSfL", "--retry", "20", "-o", file, link]);
      return await sha256Of(file);
    };
    const capped = await startTestStack({ dataDir, lambdaCaps: true });
    const { s3, bucket } = capped;
    for (const [index, mebibytes] of [60, 3, 80, 1, 70].entries()) {
      await putSparseObject(s3, { bucket, key: `long/${index}.bin`, sizeBytes: mebibytes * MiB + index });
    }
    const assembled = await fetched(await capped.create([{ folder: "/long" }]), "assembled.zip");
    await capped.close();

    const uncapped = await startTestStack({ dataDir });
    const streamed = await fetched(
      await uncapped.create([{ folder: "/long" }], { delivery: "stream" }),
      "streamed.zip",
    );
    await uncapped.close();
    expect(assembled).toBe(streamed);
  },
  120_000,
);
