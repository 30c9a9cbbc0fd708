import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { createCopyingS3Client } from "../../../lambdas/storage/s3/client.ts";
import { type Answer, scriptedS3 } from "../../support/scripted-s3.ts";
import { partOf } from "./archive-uploads.ts";

const upload = { key: "ball/plan/1/archive.zip", uploadId: "u" };
const source: PinnedSource = {
  bucket: "sources",
  key: "k",
  pin: { kind: "etag", etag: '"e"' },
  sizeBytes: 4,
};
const range = { start: 0, end: 4 };
const whole = { lengthBytes: 4, crc32: 1 };
const object = { key: "joined", etag: '"e"', lengthBytes: 4, lastModifiedEpochSeconds: 0 };

const answer = (status: string, body: string, headers = "") =>
  `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const failure = (code: string) =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>No</Message></Error>`;
const refusing = (status: string, code: string) => answer(status, failure(code));
const copied = `<CopyPartResult><ETag>&quot;p&quot;</ETag><ChecksumCRC32>AAAAAQ==</ChecksumCRC32></CopyPartResult>`;

/** The bucket behind a server that answers what is said; a client that tries so often. */
async function scripted(say: Answer, maxAttempts = 1) {
  const { client, requests } = await scriptedS3(say);
  const config = { region: "eu-west-1", forcePathStyle: true, maxAttempts };
  const endpoint = client.config.endpoint === undefined ? undefined : await client.config.endpoint();
  const patient = new S3Client({
    ...config,
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
  });
  return { archives: createArchiveBucket(patient, "archives"), requests };
}

describe("a copy that S3 refuses", () => {
  test.each([
    ["404 Not Found", "NoSuchKey", "source-changed"],
    ["404 Not Found", "NoSuchVersion", "source-changed"],
    ["412 Precondition Failed", "PreconditionFailed", "source-changed"],
    ["404 Not Found", "NoSuchUpload", "upload-gone"],
    ["403 Forbidden", "AccessDenied", "source-forbidden"],
    ["403 Forbidden", "InvalidObjectState", "source-archived"],
    ["400 Bad Request", "ExpiredToken", "source-forbidden"],
    ["503 Slow Down", "SlowDown", "source-unreadable"],
    ["500 Internal Server Error", "InternalError", "source-unreadable"],
    ["200 OK", "InternalError", "source-unreadable"],
    ["200 OK", "PreconditionFailed", "source-changed"],
    ["200 OK", "NoSuchUpload", "upload-gone"],
  ])("with %s and %s is %s", async (status, code, expected) => {
    const { archives } = await scripted((socket) => socket.write(refusing(status, code)));
    const failed = { code: expected, cause: expect.objectContaining({ name: code }) };
    await expect(archives.copyPart(upload, 1, { source, range })).rejects.toMatchObject(failed);
  });

  test("in the bucket itself is told of the bucket of archives", async () => {
    const { archives } = await scripted((socket) => socket.write(refusing("403 Forbidden", "AccessDenied")));
    const failed = { code: "archive-unwritable", message: expect.stringContaining('join "joined"') };
    await expect(archives.joinPart(upload, 1, { object, range })).rejects.toMatchObject(failed);
  });

  test("in a body that began as an answer is tried again", async () => {
    const { archives, requests } = await scripted((socket, nth) => {
      socket.write(
        nth === 1 ? answer("200 OK", `  \n${failure("InternalError")}`) : answer("200 OK", copied),
      );
    }, 2);
    const part = { number: 7, etag: '"p"', sizeBytes: 4, crc32: 1 };
    expect(await archives.copyPart(upload, 7, { source, range })).toEqual(part);
    expect(requests).toHaveLength(2);
  });

  test("by a body without a word is tried again", async () => {
    const { archives, requests } = await scripted((socket, nth) => {
      socket.write(answer("200 OK", nth === 1 ? "" : copied));
    }, 2);
    expect(await archives.copyPart(upload, 7, { source, range })).toMatchObject({ crc32: 1 });
    expect(requests).toHaveLength(2);
  });
});

test("a copy that takes its time, with spaces that keep the connection, is done", async () => {
  const { archives } = await scripted(async (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const chunk of ['<?xml version="1.0" encoding="UTF-8"?>\n', " ", "\n", " ", copied, ""]) {
      await new Promise((written) => setImmediate(written));
      socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    }
  });
  expect(await archives.copyPart(upload, 2, { source, range })).toMatchObject({ number: 2, crc32: 1 });
});

test("a copied part whose CRC-32 S3 does not tell has none", async () => {
  const { archives } = await scripted((socket) =>
    socket.write(answer("200 OK", "<CopyPartResult><ETag>e</ETag></CopyPartResult>")),
  );
  const part = { number: 1, etag: "e", sizeBytes: 4, crc32: undefined };
  expect(await archives.copyPart(upload, 1, { source, range })).toEqual(part);
});

test.each([
  ["the pinned version", "x-amz-copy-source-version-id: v\r\n", "copied"],
  ["another version", "x-amz-copy-source-version-id: w\r\n", "source-changed"],
  ["no version", "", "source-changed"],
])("of a server that copied %s, the copy is %s", async (_what, headers, expected) => {
  const { archives, requests } = await scripted((socket) => socket.write(answer("200 OK", copied, headers)));
  const byVersion: PinnedSource = { ...source, pin: { kind: "version", versionId: "v" } };
  const outcome = await archives.copyPart(upload, 1, { source: byVersion, range }).then(
    () => "copied",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
  expect(outcome).toBe(expected);
  expect(requests[0]).toContain("x-amz-copy-source: sources/k?versionId=v\r\n");
});

test("an object behind an access point is copied by the ARN of that", async () => {
  const { archives, requests } = await scripted((socket) => socket.write(answer("200 OK", copied)));
  const bucket = "arn:aws:s3:eu-west-1:123456789012:accesspoint/photos";
  await archives.copyPart(upload, 1, {
    source: { ...source, bucket, key: "a b" },
    range: { start: 1, end: 3 },
  });
  expect(requests[0]).toContain(
    "x-amz-copy-source: arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint%2Fphotos/object/a%20b\r\n",
  );
  expect(requests[0]).toContain("x-amz-copy-source-range: bytes=1-2\r\n");
});

describe("a bucket of archives that refuses", () => {
  const denied: Answer = (socket) => socket.write(refusing("403 Forbidden", "AccessDenied"));
  const busy: Answer = (socket) => socket.write(refusing("503 Slow Down", "SlowDown"));
  const reset: Answer = (socket) => socket.resetAndDestroy();
  test.each([
    ["AccessDenied", denied],
    ["SlowDown", busy],
    ["a broken connection", reset],
  ])("with %s is archive-unwritable, whatever is done", async (_what, say) => {
    const { archives } = await scripted(say);
    const chunks = async function* () {
      yield Buffer.from("zip");
    };
    const outcomes = await Promise.allSettled([
      archives.beginUpload("k"),
      archives.uploadPart(upload, 1, partOf(Buffer.from("bytes"))),
      archives.parts(upload, 1, 2),
      archives.complete(upload, [], whole),
      archives.abort(upload),
      archives.find("k"),
      archives.put("k", chunks(), new AbortController().signal),
      archives.removeAll("k"),
    ]);
    const refused = expect.objectContaining({ code: "archive-unwritable" });
    expect(outcomes).toEqual(outcomes.map(() => ({ status: "rejected", reason: refused })));
  });

  test("says what was to be done, and where", async () => {
    const { archives } = await scripted(denied);
    await expect(archives.find("a.zip")).rejects.toThrow(
      'S3 answered HTTP 403 when this service was to look for "a.zip" in its bucket of archives "archives"',
    );
  });

  test("to remove one object of many is told", async () => {
    const { archives } = await scripted((socket, nth) => {
      const { key } = upload;
      const list = `<ListBucketResult><Contents><Key>${key}</Key></Contents></ListBucketResult>`;
      const refused = `<DeleteResult><Error><Key>${key}</Key><Code>AccessDenied</Code></Error></DeleteResult>`;
      const answers = ["<ListMultipartUploadsResult/>", list, refused];
      socket.write(answer("200 OK", answers[nth - 1] ?? ""));
    });
    const message = expect.stringContaining('AccessDenied for "…/1/archive.zip"');
    await expect(archives.removeAll("ball/plan/1/")).rejects.toMatchObject({
      code: "archive-unwritable",
      message,
    });
  });
});

test("a server that holds an object to nothing is not believed, though it does not remove it", async () => {
  const { archives, requests } = await scripted((socket, nth) => {
    const completed = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";
    const head = `HTTP/1.1 200 OK\r\nETag: "e"\r\nLast-Modified: ${new Date(0).toUTCString()}\r\nContent-Length: 3\r\n\r\n`;
    const answers = [answer("200 OK", completed), head];
    socket.write(answers[nth - 1] ?? refusing("403 Forbidden", "AccessDenied"));
  });
  await expect(archives.complete(upload, [], whole)).rejects.toMatchObject({
    code: "archive-unwritable",
    message: expect.stringContaining("has 3 bytes"),
  });
  expect(requests[2]).toContain("DELETE /archives/ball/plan/1/archive.zip");
});

test("parts come page by page, and from no page that is not needed", async () => {
  const page = (numbers: readonly number[], isTruncated: boolean) => {
    const parts = numbers.map(
      (n) => `<Part><PartNumber>${n}</PartNumber><ETag>e</ETag><Size>1</Size></Part>`,
    );
    const next = `<NextPartNumberMarker>${numbers.at(-1) ?? 0}</NextPartNumberMarker>`;
    return answer(
      "200 OK",
      `<ListPartsResult>${next}<IsTruncated>${isTruncated}</IsTruncated>${parts.join("")}</ListPartsResult>`,
    );
  };
  const { archives, requests } = await scripted((socket, nth) =>
    socket.write(nth === 1 ? page([11, 12], true) : page([13, 20], nth === 2)),
  );
  const numbers = (await archives.parts(upload, 11, 21)).map(({ number }) => number);
  expect(numbers).toEqual([11, 12, 13, 20]);
  const asked = requests.map((request) => /max-parts=\d+&part-number-marker=\d+/.exec(request)?.[0]);
  expect(asked).toEqual(["max-parts=10&part-number-marker=10", "max-parts=8&part-number-marker=12"]);
});

test("uploads are aborted page by page, whatever their keys", async () => {
  const upload = (key: string, id: string) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`;
  const markers = "<NextKeyMarker>k%2Fa+b</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker>";
  const pages = [
    `<IsTruncated>true</IsTruncated>${markers}${upload("k%2Fa%2Bb", "1")}${upload("k%2Fa+b", "2")}`,
    `<IsTruncated>false</IsTruncated>${upload("k%2F%C3%BC", "3")}`,
  ].map((page) => answer("200 OK", `<ListMultipartUploadsResult>${page}</ListMultipartUploadsResult>`));
  const { archives, requests } = await scripted((socket) => {
    const asked = requests.at(-1) ?? "";
    if (asked.startsWith("DELETE")) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
    else if (asked.includes("list-type=2")) socket.write(answer("200 OK", "<ListBucketResult/>"));
    else socket.write(pages[asked.includes("key-marker") ? 1 : 0] ?? "");
  });
  await archives.removeAll("k/");
  const lines = requests.map((request) => request.split(" HTTP/")[0] ?? "");
  const aborted = lines.filter((line) => line.startsWith("DELETE")).map((line) => line.split("?")[0]);
  expect(aborted.sort()).toEqual([
    "DELETE /archives/k/%C3%BC",
    "DELETE /archives/k/a%20b",
    "DELETE /archives/k/a%2Bb",
  ]);
  const second = new URLSearchParams(lines.find((line) => line.includes("key-marker"))?.split("?")[1]);
  expect([second.get("key-marker"), second.get("upload-id-marker")]).toEqual(["k/a b", "2"]);
});

test("a part is sent with its CRC-32 signed, and its bytes not digested once more", async () => {
  const { archives, requests } = await scripted((socket) =>
    socket.write(answer("200 OK", "", 'ETag: "p"\r\n')),
  );
  const part = { bytes: Buffer.from("abcd"), crc32: 1 };
  expect(await archives.uploadPart(upload, 3, part)).toEqual({
    number: 3,
    etag: '"p"',
    sizeBytes: 4,
    crc32: 1,
  });
  const [head = ""] = requests;
  expect(head).toContain("x-amz-checksum-crc32: AAAAAQ==\r\n");
  expect(head).toContain("x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n");
  expect(head).toContain("content-length: 4\r\n");
  expect(/SignedHeaders=([^,]*)/.exec(head)?.[1]?.split(";")).toEqual(
    expect.arrayContaining(["content-length", "host", "x-amz-checksum-crc32", "x-amz-content-sha256"]),
  );
});

test("who copies has the patience that it takes", async () => {
  const { client: scriptedClient } = await scriptedS3((socket) => socket.write(answer("200 OK", copied)));
  const { protocol, hostname, port } = (await scriptedClient.config.endpoint?.()) ?? {};
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  onTestFinished(() => void vi.unstubAllEnvs());
  const client = createCopyingS3Client(`${protocol}//${hostname}:${port}`);
  await createArchiveBucket(client, "archives").copyPart(upload, 1, { source, range });
  const { requestHandler } = client.config;
  if (!(requestHandler instanceof NodeHttpHandler)) throw new Error("It is another handler");
  expect(requestHandler.httpHandlerConfigs()).toMatchObject({ socketTimeout: 300_000 });
  expect(await client.config.maxAttempts()).toBe(8);
});
