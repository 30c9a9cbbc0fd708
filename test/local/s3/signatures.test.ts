import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LocalS3 } from "../../../local/s3/server.ts";
import { clientOf, createBucket, credentials, region, startServer } from "./local-server.ts";
import { type Outgoing, type Signing, sign, signChunks } from "./signing-client.ts";

const time = new Date("2030-06-15T12:00:00Z");
const minutes = (count: number) => new Date(time.getTime() + count * 60_000);

async function serverAt(now: Date = time): Promise<LocalS3> {
  return startServer({ now: () => now });
}

async function send(
  server: LocalS3,
  outgoing: Partial<Outgoing> & { path?: string },
  signing: Partial<Signing> = {},
) {
  const { method = "GET", path = "/", headers, body } = outgoing;
  const url = new URL(path, server.endpoint);
  const request: Outgoing = { method, url, ...(headers && { headers }), ...(body !== undefined && { body }) };
  const signed = sign(request, { ...credentials, region, time, ...signing });
  return answerOf(await fetch(url, { method, headers: signed.headers, ...(body !== undefined && { body }) }));
}

async function answerOf(
  answer: Response,
): Promise<{ status: number; code: string | undefined; text: string }> {
  const text = await answer.text();
  return { status: answer.status, code: /<Code>(.*?)<\/Code>/.exec(text)?.[1], text };
}

describe("signed requests", () => {
  test("a good signature is accepted within 15 minutes of the server's clock", async () => {
    expect(await send(await serverAt(), {})).toMatchObject({ status: 200 });
    expect(await send(await serverAt(minutes(15)), {})).toMatchObject({ status: 200 });
    expect(await send(await serverAt(minutes(-15)), {})).toMatchObject({ status: 200 });
  });

  test.each([16, -16])("at %i minutes it is RequestTimeTooSkewed", async (offset) => {
    const answer = await send(await serverAt(minutes(offset)), {});
    expect(answer).toMatchObject({ status: 403, code: "RequestTimeTooSkewed" });
  });

  test("a wrong secret is SignatureDoesNotMatch", async () => {
    const answer = await send(await serverAt(), {}, { secretAccessKey: "guessed" });
    expect(answer).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
    expect(answer.text).not.toContain(credentials.secretAccessKey);
  });

  test("an unknown access key is InvalidAccessKeyId", async () => {
    const answer = await send(await serverAt(), {}, { accessKeyId: "nobody" });
    expect(answer).toMatchObject({ status: 403, code: "InvalidAccessKeyId" });
  });

  test("another region is AuthorizationHeaderMalformed, and the right one is told", async () => {
    const answer = await send(await serverAt(), {}, { region: "us-east-1" });
    expect(answer).toMatchObject({ status: 400, code: "AuthorizationHeaderMalformed" });
    expect(answer.text).toContain(`<Region>${region}</Region>`);
  });

  test.each([
    ["no signature", {}, 403, "AccessDenied"],
    ["an unknown scheme", { authorization: "AWS local:abc" }, 400, "InvalidRequest"],
    [
      "half a header",
      { authorization: "AWS4-HMAC-SHA256 Credential=a" },
      400,
      "AuthorizationHeaderMalformed",
    ],
  ])("%s is refused", async (_, headers, status, code) => {
    const server = await serverAt();
    const answer = await answerOf(
      await fetch(server.endpoint, { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...headers } }),
    );
    expect(answer).toMatchObject({ status, code });
  });

  test("an x-amz- header that was not signed is AccessDenied", async () => {
    const server = await serverAt();
    const url = new URL("/", server.endpoint);
    const { headers } = sign({ method: "GET", url }, { ...credentials, region, time });
    const answer = await answerOf(
      await fetch(url, { headers: { ...headers, "x-amz-storage-class": "GLACIER" } }),
    );
    expect(answer).toMatchObject({ status: 403, code: "AccessDenied" });
  });
});

describe("presigned links", () => {
  async function fetchLink(now: Date, expiresIn = 60) {
    const server = await serverAt(now);
    const command = new GetObjectCommand({ Bucket: "bucket", Key: "key" });
    const url = await getSignedUrl(clientOf(server), command, { expiresIn, signingDate: time });
    return answerOf(await fetch(url));
  }

  test("work until they expire", async () => {
    expect(await fetchLink(new Date(time.getTime() + 59_999))).toMatchObject({ code: "NoSuchBucket" });
    const expired = await fetchLink(new Date(time.getTime() + 60_000));
    expect(expired).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(expired.text).toContain("Request has expired");
  });

  test("of the future are not valid yet", async () => {
    expect(await fetchLink(minutes(-16))).toMatchObject({ status: 403, code: "AccessDenied" });
  });

  test("live for a week at most", async () => {
    const server = await serverAt();
    const week = 7 * 24 * 3600;
    const command = new GetObjectCommand({ Bucket: "bucket", Key: "key" });
    const url = await getSignedUrl(clientOf(server), command, { expiresIn: week, signingDate: time });
    const longer = await answerOf(
      await fetch(url.replace(`X-Amz-Expires=${week}`, `X-Amz-Expires=${week + 1}`)),
    );
    expect(longer).toMatchObject({ status: 400, code: "AuthorizationQueryParametersError" });
  });

  test("without one of their parameters are AuthorizationQueryParametersError", async () => {
    const server = await serverAt();
    const answer = await answerOf(await fetch(`${server.endpoint}/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256`));
    expect(answer).toMatchObject({ status: 400, code: "AuthorizationQueryParametersError" });
  });
});

describe("credentials of a session", () => {
  const session = { token: "a token", expiresAt: minutes(10) };
  const lent = { accessKeyId: "lent", secretAccessKey: "for a time" };
  const command = new GetObjectCommand({ Bucket: "bucket", Key: "key" });

  async function answerTo(sessionToken: string | undefined, now: Date, isLink: boolean) {
    const server = await startServer({ now: () => now, credentials: [{ ...lent, session }] });
    const credentials = { ...lent, ...(sessionToken !== undefined && { sessionToken }) };
    if (!isLink) {
      const headers: Record<string, string> =
        sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken };
      return send(server, { path: "/bucket/key", headers }, { ...lent, time: now });
    }
    const client = new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true });
    onTestFinished(() => client.destroy());
    const link = await getSignedUrl(client, command, { expiresIn: 3600, signingDate: time });
    return answerOf(await fetch(link));
  }

  test.each([
    ["are good until they expire", "a token", 9.9, 404, "NoSuchBucket"],
    [
      "are ExpiredToken from then on, also in a link that would live longer",
      "a token",
      10,
      400,
      "ExpiredToken",
    ],
    ["are InvalidToken with another token", "another", 0, 400, "InvalidToken"],
    ["are InvalidToken without their token", undefined, 0, 400, "InvalidToken"],
  ])("%s", async (_, token, minute, status, code) => {
    for (const isLink of [true, false]) {
      expect(await answerTo(token, minutes(minute), isLink)).toMatchObject({ status, code });
    }
  });
});

describe("signed payloads", () => {
  const body = Buffer.from("the payload, in several chunks of different lengths");
  const chunks = [body.subarray(0, 1), body.subarray(1, 20), body.subarray(20)];
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  const checksum = sum.toString("base64");

  async function serverWithBucket() {
    const server = await startServer();
    await createBucket(server, "bucket");
    return server;
  }

  async function putChunks(server: LocalS3, trailer: string | undefined, damage: (sent: Buffer) => Buffer) {
    const url = new URL("/bucket/chunked", server.endpoint);
    const payloadHash = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? "" : "-TRAILER"}`;
    const headers = {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(body.length),
      ...(trailer === undefined ? {} : { "x-amz-trailer": "x-amz-checksum-crc32" }),
    };
    const signing = { ...credentials, region, time: new Date(), payloadHash };
    const signed = sign({ method: "PUT", url, headers }, signing);
    const sent = damage(signChunks(chunks, signed, trailer));
    return answerOf(await fetch(url, { method: "PUT", headers: signed.headers, body: sent }));
  }

  const asItIs = (sent: Buffer) => sent;
  const oneByteOff = (sent: Buffer) => {
    const damaged = Buffer.from(sent);
    damaged.write("L", damaged.indexOf("lengths"));
    return damaged;
  };

  test("a payload of another hash is XAmzContentSHA256Mismatch", async () => {
    const server = await serverWithBucket();
    const payloadHash = createHash("sha256").update("what was meant").digest("hex");
    const put = { method: "PUT", path: "/bucket/key", body: "what was sent" };
    const answer = await send(server, put, { time: new Date(), payloadHash });
    expect(answer).toMatchObject({ status: 400, code: "XAmzContentSHA256Mismatch" });
  });

  test("signed chunks arrive whole", async () => {
    const server = await serverWithBucket();
    expect(await putChunks(server, undefined, asItIs)).toMatchObject({ status: 200 });
    const { Body } = await clientOf(server).send(new GetObjectCommand({ Bucket: "bucket", Key: "chunked" }));
    expect(await Body?.transformToString()).toBe(body.toString());
  });

  test("signed chunks with a signed trailer keep its checksum", async () => {
    const server = await serverWithBucket();
    expect(await putChunks(server, `x-amz-checksum-crc32:${checksum}`, asItIs)).toMatchObject({
      status: 200,
    });
    const head = new HeadObjectCommand({ Bucket: "bucket", Key: "chunked", ChecksumMode: "ENABLED" });
    expect(await clientOf(server).send(head)).toMatchObject({ ChecksumCRC32: checksum });
  });

  test("a trailing checksum of other bytes is BadDigest", async () => {
    const server = await serverWithBucket();
    const answer = await putChunks(server, "x-amz-checksum-crc32:AAAAAA==", asItIs);
    expect(answer).toMatchObject({ status: 400, code: "BadDigest" });
  });

  test.each([undefined, `x-amz-checksum-crc32:${checksum}`])(
    "a chunk changed on its way is SignatureDoesNotMatch (trailer: %s)",
    async (trailer) => {
      const answer = await putChunks(await serverWithBucket(), trailer, oneByteOff);
      expect(answer).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
    },
  );

  test("a trailer changed on its way is SignatureDoesNotMatch", async () => {
    const server = await serverWithBucket();
    const answer = await putChunks(server, `x-amz-checksum-crc32:${checksum}`, (sent) =>
      Buffer.from(sent.toString("latin1").replace(checksum, "AAAAAA=="), "latin1"),
    );
    expect(answer).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
  });
});
