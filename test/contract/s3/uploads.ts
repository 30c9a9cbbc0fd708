import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  type CopyPartResult,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
  type UploadPartCommandOutput,
} from "@aws-sdk/client-s3";

/** Every part but the last has at least so many bytes. */
export const leastPart = 5 * 1024 * 1024;
export const bodies = [
  randomBytes(leastPart),
  randomBytes(leastPart + 1),
  Buffer.from("the last may be small"),
];
export const whole = Buffer.concat(bodies);

/** CRC-32 in base64, as S3 writes it. */
export const crcOf = (bytes: Buffer) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
};

/** A part as the completion of its upload lists it. */
export const listed = (PartNumber: number, part: UploadPartCommandOutput | CopyPartResult) => ({
  PartNumber,
  ETag: part.ETag,
  ChecksumCRC32: part.ChecksumCRC32,
  ChecksumSHA256: part.ChecksumSHA256,
});

export type Parts = ReturnType<typeof listed>[];

/** Multipart uploads into one bucket, one step each. */
export function uploadsInto(client: () => S3Client, bucket: () => string) {
  async function create(
    Key: string,
    input: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<string> {
    const { UploadId } = await client().send(
      new CreateMultipartUploadCommand({ Bucket: bucket(), Key, ...input }),
    );
    return UploadId ?? "";
  }

  const uploadPart = (
    input: Pick<UploadPartCommandInput, "Key" | "UploadId" | "PartNumber" | "Body"> &
      Partial<UploadPartCommandInput>,
  ) => client().send(new UploadPartCommand({ Bucket: bucket(), ...input }));

  const complete = (
    Key: string,
    UploadId: string,
    Parts: Parts,
    input: Partial<CompleteMultipartUploadCommandInput> = {},
  ) => {
    const MultipartUpload = { Parts };
    return client().send(
      new CompleteMultipartUploadCommand({ Bucket: bucket(), Key, UploadId, MultipartUpload, ...input }),
    );
  };

  /** An upload of all bodies, its parts sent last to first. */
  async function uploadAll(
    Key: string,
    input: Partial<CreateMultipartUploadCommandInput> = { ChecksumAlgorithm: "CRC32" },
  ): Promise<{ UploadId: string; Parts: Parts }> {
    const UploadId = await create(Key, input);
    const Parts: Parts = [];
    for (const [index, Body] of [...bodies.entries()].reverse()) {
      const PartNumber = index + 1;
      const part = await uploadPart({
        Key,
        UploadId,
        PartNumber,
        Body,
        ChecksumAlgorithm: input.ChecksumAlgorithm,
      });
      Parts.unshift(listed(PartNumber, part));
    }
    return { UploadId, Parts };
  }

  /** An upload of one small part. */
  async function uploadOne(
    Key: string,
    input: Partial<CreateMultipartUploadCommandInput> = { ChecksumAlgorithm: "CRC32" },
  ): Promise<{ UploadId: string; Parts: Parts }> {
    const UploadId = await create(Key, input);
    const part = await uploadPart({ Key, UploadId, PartNumber: 1, Body: "one part" });
    return { UploadId, Parts: [listed(1, part)] };
  }

  async function bodyOf(Key: string, Range?: string): Promise<Buffer> {
    const { Body } = await client().send(new GetObjectCommand({ Bucket: bucket(), Key, Range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  return { create, uploadPart, complete, uploadAll, uploadOne, bodyOf };
}
