import { inspect } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { ArchiveBucket } from "../../../lambdas/ball/archive-bucket.ts";
import { BallError } from "../../../lambdas/ball/errors.ts";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { createArchiveBucket } from "../../../lambdas/storage/s3/archive-bucket.ts";
import { createCopyingS3Client } from "../../../lambdas/storage/s3/client.ts";
import { type Answer, headOf, scriptedS3 } from "../../support/scripted-s3.ts";
import { partOf } from "./archive-uploads.ts";

const ballId = "9f3b2c1e-6d7a-4b60-8a55-0c4d1e2f3a4b";
const etag = "c2hhMjU2LW9mLXRoZS1wbGFu";
const prefix = `${ballId}/${etag}/1/`;
const upload = { key: `${prefix}archive.zip`, uploadId: "u" };
const group = { key: `${prefix}group-00000`, etag: '"e"', lengthBytes: 4, lastModifiedEpochSeconds: 0 };
const source: PinnedSource = { bucket: "s", key: "k", pin: { kind: "etag", etag: '"e"' }, sizeBytes: 4 };
const range = { start: 0, end: 4 };
const whole = { lengthBytes: 4, crc32: 1 };
const part = partOf(Buffer.from("bytes"));
const chunks = async function* () {
  yield Buffer.from("zip");
};

/** S3's words, which name the object over and over. */
const failure = (code: string) => {
  const of = `User: arn:aws:iam::1:role/r is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::archives/${upload.key}"`;
  return `<Error><Code>${code}</Code><Message>${of}</Message><Key>${upload.key}</Key><Resource>/archives/${upload.key}</Resource></Error>`;
};
const answer = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const inTurn =
  (...answers: readonly string[]): Answer =>
  (socket, nth) =>
    socket.write(answers[nth - 1] ?? answer("403 Forbidden", failure("AccessDenied")));

const denying = inTurn();
const goneUpload: Answer = (socket) => socket.write(answer("404 Not Found", failure("NoSuchUpload")));
const goneGroup: Answer = (socket) => socket.write(answer("412 Precondition Failed", failure("NoSuchKey")));
const strange: Answer = (socket) => socket.write(answer("400 Bad Request", failure("InvalidRequest")));
const head = headOf(3).replace("\r\n\r\n", `\r\nLast-Modified: ${new Date(0).toUTCString()}\r\n\r\n`);
const completing = inTurn(
  answer("200 OK", "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"),
  head,
);
const keeping = inTurn(
  answer("200 OK", "<ListMultipartUploadsResult/>"),
  answer("200 OK", `<ListBucketResult><Contents><Key>${upload.key}</Key></Contents></ListBucketResult>`),
  answer("200 OK", `<DeleteResult>${failure("AccessDenied")}</DeleteResult>`),
);

beforeAll(() => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  return () => void vi.unstubAllEnvs();
});

/** The bucket behind a server that answers what is said. */
async function scripted(say: Answer): Promise<ArchiveBucket> {
  const { client: asScripted } = await scriptedS3(say);
  const { protocol, hostname, port } = (await asScripted.config.endpoint?.()) ?? {};
  const client = createCopyingS3Client(`${protocol}//${hostname}:${port}`);
  onTestFinished(() => client.destroy());
  return createArchiveBucket(client, "archives");
}

describe("whoever knows a ball's id may download it, and failures are logged: neither words nor fields name it", () => {
  test.each<[string, Answer, (archives: ArchiveBucket) => Promise<unknown>]>([
    ["of beginUpload", denying, (archives) => archives.beginUpload(upload.key)],
    ["of uploadPart", denying, (archives) => archives.uploadPart(upload, 1, part)],
    ["of uploadPart, ended", goneUpload, (archives) => archives.uploadPart(upload, 1, part)],
    ["of copyPart", denying, (archives) => archives.copyPart(upload, 1, { source, range })],
    ["of copyPart, ended", goneUpload, (archives) => archives.copyPart(upload, 1, { source, range })],
    ["of copyPart, strange", strange, (archives) => archives.copyPart(upload, 1, { source, range })],
    ["of joinPart", denying, (archives) => archives.joinPart(upload, 1, { object: group, range })],
    ["of joinPart, gone", goneGroup, (archives) => archives.joinPart(upload, 1, { object: group, range })],
    ["of parts", denying, (archives) => archives.parts(upload, 1, 2)],
    ["of complete", denying, (archives) => archives.complete(upload, [], whole)],
    ["of complete, ended", goneUpload, (archives) => archives.complete(upload, [], whole)],
    ["of complete, to another", completing, (archives) => archives.complete(upload, [], whole)],
    ["of abort", denying, (archives) => archives.abort(upload)],
    ["of find", denying, (archives) => archives.find(upload.key)],
    ["of put", denying, (archives) => archives.put(upload.key, chunks(), new AbortController().signal)],
    ["of removeAll", denying, (archives) => archives.removeAll(prefix)],
    ["of removeAll, of one", keeping, (archives) => archives.removeAll(prefix)],
  ])("%s", async (_what, say, ask) => {
    const asked = ask(await scripted(say));
    const failed: unknown = await asked.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(Error);
    const logged = inspect(failed, { depth: 9, showHidden: true });
    expect(logged).not.toContain(ballId);
    expect(logged).not.toContain(etag);
  });

  test("but what S3 said, and of which attempt", async () => {
    const archives = await scripted(denying);
    const failed: unknown = await archives.beginUpload(upload.key).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(BallError);
    expect(failed).toMatchObject({
      message:
        'S3 answered AccessDenied when this service was to begin the upload of "…/1/archive.zip" in its bucket of archives "archives"',
      cause: {
        name: "AccessDenied",
        message: expect.stringMatching(
          /s3:PutObject on resource: "arn:aws:s3:::archives\/…\/1\/archive.zip"$/,
        ),
        $metadata: { httpStatusCode: 403 },
      },
    });
  });
});
