import { createHash } from "node:crypto";
import type { BodyWriter } from "./body-store.ts";
import { type ChecksumAlgorithm, checkDeclared, declaredChecksum, newDigester } from "./checksums.ts";
import { checkMd5, declaredMd5 } from "./content-md5.ts";
import type { Context } from "./context.ts";
import { type Milestones, MilestoneWriter } from "./crc-milestones.ts";
import { S3Error } from "./errors.ts";
import { missingContentLength } from "./payload.ts";

/** A body written to its file and found to be what the client declared. */
export interface ReceivedBody {
  /** Undefined when it is empty, and has no file. */
  readonly bodyId: string | undefined;
  readonly size: number;
  readonly md5: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  readonly milestones: Milestones | undefined;
}

const mostBytes = 5 * 1024 ** 3;

/**
 * Receives the body of a PUT of an object or a part; its file stays only when everything declared holds.
 * `fallback` is the checksum to compute when the client declares none.
 * Throws: S3Error for a length, digest or signature that does not hold.
 */
export async function receiveBody(context: Context, fallback: ChecksumAlgorithm): Promise<ReceivedBody> {
  const { request, store } = context;
  const declared = declaredChecksum(request);
  const contentMd5 = declaredMd5(request);
  const payload = context.payload();
  if (payload.length === undefined) throw missingContentLength();
  if (payload.length > mostBytes) throw tooLarge(payload.length);
  const writer = store.bodies.create();
  try {
    const digests = await writeAll(payload.bytes, writer, declared?.algorithm ?? fallback);
    if (contentMd5 !== undefined) checkMd5(contentMd5, digests.md5);
    if (declared !== undefined) checkDeclared(declared, payload.trailers, digests.checksum);
    if (digests.size === 0) await writer.abandon();
    return {
      bodyId: digests.size === 0 ? undefined : writer.id,
      size: digests.size,
      md5: digests.md5.toString("hex"),
      checksum: { algorithm: declared?.algorithm ?? fallback, value: digests.checksum },
      milestones: digests.milestones,
    };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function writeAll(bytes: AsyncIterable<Buffer>, writer: BodyWriter, algorithm: ChecksumAlgorithm) {
  const md5 = createHash("md5");
  const milestones = new MilestoneWriter();
  const digester = algorithm === "CRC32" ? milestones : newDigester(algorithm);
  let size = 0;
  for await (const piece of bytes) {
    md5.update(piece);
    milestones.update(piece);
    if (digester !== milestones) digester.update(piece);
    size += piece.length;
    await writer.write(piece);
  }
  await writer.finish();
  return {
    size,
    md5: md5.digest(),
    checksum: digester.digest().toString("base64"),
    milestones: milestones.milestones(),
  };
}

function tooLarge(length: number): S3Error {
  return new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
    details: { ProposedSize: String(length), MaxSizeAllowed: String(mostBytes) },
  });
}
