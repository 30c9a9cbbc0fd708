import type { SourceRead } from "../../lambdas/ball/source.ts";

/** All bytes of a read, together. Rejects with what the read fails with. */
export async function readAll(read: SourceRead): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let taken = await read.take(); taken !== undefined; taken = await read.take()) chunks.push(...taken);
  return Buffer.concat(chunks);
}
