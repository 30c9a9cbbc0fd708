import { createServer } from "node:http";
import { crc32 } from "node:zlib";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  DeleteObjectCommand,
  type GetObjectAttributesCommandOutput,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { pinOf } from "../../lambdas/ball/pin.ts";
import type { PinnedSource } from "../../lambdas/ball/source.ts";
import { combineCrc32s } from "../../lambdas/crc32/combine-crc32.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { closeServer, listenOnLoopback } from "../../local/loopback.ts";
import type { Store } from "../../local/s3/store.ts";
import { testS3 } from "../support/s3.ts";

const partBytes = 5 * 1024 * 1024;
const body = Buffer.alloc(2 * partBytes + 7, "zipball");
const s3 = testS3((store) => store.commit(() => fill(store)));
const reader = () => createSourceReader(s3().client);

async function pinned(bucket: string, key: string): Promise<PinnedSource> {
  const object = await reader().describe(bucket, key);
  if (object === undefined) throw new Error(`There is no ${key}`);
  return { bucket, key, pin: pinOf(object), sizeBytes: object.sizeBytes };
}

interface Checksum {
  readonly ChecksumAlgorithm: ChecksumAlgorithm;
  readonly ChecksumType?: ChecksumType;
}

async function upload(
  bucket: string,
  key: string,
  checksum: Checksum = { ChecksumAlgorithm: "CRC32" },
): Promise<void> {
  const params = { Bucket: bucket, Key: key, Body: body, ...checksum };
  await new Upload({ client: s3().client, params, partSize: partBytes }).done();
}

describe("the CRC-32s of parts", () => {
  let bucket = "";
  beforeAll(async () => {
    bucket = await s3().newBucket();
  });

  test("of a composite upload are told in order, and combine to that of the object", async () => {
    await upload(bucket, "composite");
    const parts = await reader().partCrc32s(await pinned(bucket, "composite"));
    expect(parts?.map(({ sizeBytes }) => sizeBytes)).toEqual([partBytes, partBytes, 7]);
    expect(combineCrc32s(parts ?? [])).toBe(crc32(body));
  });

  test.each([
    ["of the full object", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" }],
    ["of another algorithm", { ChecksumAlgorithm: "SHA256" }],
  ] as const)("are not told where the checksum is %s", async (key, checksum) => {
    await upload(bucket, key, checksum);
    expect(await reader().partCrc32s(await pinned(bucket, key))).toBeUndefined();
  });

  test("are not told of an object put at once", async () => {
    await s3().put(bucket, "at once");
    expect(await reader().partCrc32s(await pinned(bucket, "at once"))).toBeUndefined();
  });

  test("are not those of an object in place of the pinned one", async () => {
    await s3().put(bucket, "replaced", "first");
    const source = await pinned(bucket, "replaced");
    await upload(bucket, "replaced");
    await expect(reader().partCrc32s(source)).rejects.toMatchObject({ code: "source-changed" });
    await s3().client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "replaced" }));
    await expect(reader().partCrc32s(source)).rejects.toMatchObject({ code: "source-changed" });
  });

  test("are those of the pinned version, replaced or not, until that is deleted", async () => {
    const versioned = await s3().newBucket({ versioning: "Enabled" });
    await upload(versioned, "a");
    const source = await pinned(versioned, "a");
    await s3().put(versioned, "a", "second");
    expect(combineCrc32s((await reader().partCrc32s(source)) ?? [])).toBe(crc32(body));
    const VersionId = source.pin.kind === "version" ? source.pin.versionId : undefined;
    await s3().client.send(new DeleteObjectCommand({ Bucket: versioned, Key: "a", VersionId }));
    await expect(reader().partCrc32s(source)).rejects.toMatchObject({ code: "source-changed" });
  });
});

const manyParts = 2500;
const partCrc = crc32("x");

/** Objects as S3 would never keep them, and one of more parts than a test uploads. */
function fill(store: Store): void {
  store.buckets.create("filled", new Date());
  const bucket = store.buckets.find("filled");
  if (bucket === undefined) throw new Error("The bucket was not made");
  const put = (key: string, size: number, composed: number) => {
    const contentId = store.contents.add([]);
    const parts = Array.from({ length: manyParts }, (_, index) => ({
      number: index + 1,
      size: 1,
      checksumValue: base64Of(partCrc),
    }));
    store.contents.addParts(contentId, parts);
    store.versions.put(bucket, {
      key,
      modifiedAt: 1_700_000_000,
      size,
      etag: `d41d8cd98f00b204e9800998ecf8427e-${manyParts}`,
      storageClass: "STANDARD",
      checksum: { algorithm: "CRC32", type: "COMPOSITE", value: `${base64Of(composed)}-${manyParts}` },
      contentId,
      headers: {},
    });
  };
  const checksums = Buffer.from(base64Of(partCrc), "base64");
  const composed = crc32(Buffer.concat(Array.from({ length: manyParts }, () => checksums)));
  put("many", manyParts, composed);
  put("too long", manyParts + 1, composed);
  put("other parts", manyParts, composed ^ 1);
}

function base64Of(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString("base64");
}

describe("many parts", () => {
  test("are told in as few pages as S3 has", async () => {
    const client = s3().newClient();
    const pages: number[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        const { ObjectParts }: GetObjectAttributesCommandOutput = { $metadata: {}, ...Object(answer.output) };
        pages.push(ObjectParts?.Parts?.length ?? 0);
        return answer;
      },
      { step: "initialize" },
    );
    const source = await pinned("filled", "many");
    const parts = await createSourceReader(client).partCrc32s(source);
    expect(pages).toEqual([1000, 1000, 500]);
    expect(combineCrc32s(parts ?? [])).toBe(crc32("x".repeat(manyParts)));
  });

  test.each(["too long", "other parts"])(
    "are not believed where they are not all of the object: %s",
    async (key) => {
      expect(await reader().partCrc32s(await pinned("filled", key))).toBeUndefined();
    },
  );
});

describe("a server", () => {
  /** Answers everything with one status. */
  async function answering(status: number) {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/xml" });
      response.end("<Error><Code>Refused</Code></Error>");
    });
    const port = await listenOnLoopback(server, 0);
    onTestFinished(() => closeServer(server));
    return createSourceReader(s3().newClient(`http://127.0.0.1:${port}`));
  }

  const source: PinnedSource = { bucket: "b", key: "a", pin: { kind: "etag", etag: '"x"' }, sizeBytes: 5 };

  test.each([400, 403, 405, 501])(
    "that answers %i does not tell parts, and may let them be read",
    async (status) => {
      expect(await (await answering(status)).partCrc32s(source)).toBeUndefined();
    },
  );

  test.each([
    [404, "source-changed"],
    [503, "source-unreadable"],
  ])("that answers %i is %s", async (status, code) => {
    await expect((await answering(status)).partCrc32s(source)).rejects.toMatchObject({ code });
  });

  test("is not asked when it is too late", async () => {
    const late = AbortSignal.abort(new Error("too late"));
    await expect((await answering(501)).partCrc32s(source, late)).rejects.toThrow("too late");
  });
});
