import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, expect, test, vi } from "vitest";
import { createS3Client } from "../../../lambdas/storage/s3/client.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { clientOf, createBucket, credentials, region, startServer } from "../../local/s3/local-server.ts";
import { readAll } from "../../support/read-all.ts";
import { headOf, type ScriptedS3, scriptedS3 } from "../../support/scripted-s3.ts";

const source = { bucket: "bucket", key: "k", pin: { kind: "etag", etag: '"e"' }, sizeBytes: 20 } as const;
const whole = { start: 0, end: 20 };
const body = "0123456789abcdefghij";
const retry = { attempts: 3, firstPauseMs: 1, maxPauseMs: 1 };

/** Who signed each request. */
const signers = ({ requests }: ScriptedS3) =>
  requests.map((request) => /Credential=([^/]+)\//.exec(request)?.[1]);

const endpointOf = async ({ client }: ScriptedS3) => {
  const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? {};
  return `${protocol}//${hostname}:${port}`;
};

const expired =
  "HTTP/1.1 400 Bad Request\r\nContent-Length: 47\r\n\r\n<Error><Code>ExpiredToken</Code></Error>       ";

/** Answers an expired token to the first `count` requests. */
const expiredAtFirst = (count: number) =>
  scriptedS3((socket, nth) => socket.write(nth <= count ? expired : `${headOf(20)}${body}`));

afterEach(() => void vi.unstubAllEnvs());

test("each attempt is signed with the credentials there are by then", async () => {
  const s3 = await scriptedS3((socket, nth) => {
    if (nth < 3) socket.end(`${headOf(20)}`);
    else socket.write(`${headOf(20)}${body}`);
  });
  let given = 0;
  const soonOver = async () => {
    given += 1;
    const expiration = new Date(Date.now() + 60_000);
    return { accessKeyId: `ID${given}`, secretAccessKey: "s", sessionToken: `token ${given}`, expiration };
  };
  const client = new S3Client({
    endpoint: await endpointOf(s3),
    region,
    credentials: soonOver,
    forcePathStyle: true,
  });
  expect((await readAll(createSourceReader(client, { retry }).read(source, whole))).toString()).toBe(body);
  const ids = signers(s3).map((id) => Number(id?.slice(2)));
  expect(ids).toHaveLength(3);
  expect([...new Set(ids)].sort()).toEqual(ids);
  for (const [at, request] of s3.requests.entries()) {
    expect(request).toContain(`x-amz-security-token: token ${ids[at]}\r\n`);
  }
});

test("expired ones of a provider that the SDK remembers are asked for anew", async () => {
  const s3 = await expiredAtFirst(1);
  let given = 0;
  const once = async () => {
    given += 1;
    return { accessKeyId: `ID${given}`, secretAccessKey: "s" };
  };
  const client = new S3Client({
    endpoint: await endpointOf(s3),
    region,
    credentials: once,
    forcePathStyle: true,
  });
  const reader = createSourceReader(client, { retry });
  for (let times = 0; times < 3; times += 1) await readAll(reader.read(source, whole));
  expect(signers(s3)).toEqual(["ID1", "ID2", "ID2", "ID2"]);
});

test("expired ones of the environment are read from it anew", async () => {
  const s3 = await scriptedS3((socket, nth) => {
    if (nth === 1) vi.stubEnv("AWS_ACCESS_KEY_ID", "SECOND");
    socket.write(nth === 1 ? expired : `${headOf(20)}${body}`);
  });
  vi.stubEnv("AWS_REGION", region);
  vi.stubEnv("AWS_PROFILE", undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "FIRST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  const client = createS3Client(await endpointOf(s3));
  await readAll(createSourceReader(client, { retry }).read(source, whole));
  expect(signers(s3)).toEqual(["FIRST", "SECOND"]);
});

test("without credentials nothing is asked, and the failure says so; with them it is", async () => {
  const s3 = await expiredAtFirst(0);
  let isThere = false;
  const client = new S3Client({
    endpoint: await endpointOf(s3),
    region,
    credentials: async () => {
      if (!isThere) throw new Error("The role can not be assumed");
      return { accessKeyId: "ID", secretAccessKey: "s" };
    },
    forcePathStyle: true,
  });
  const reader = createSourceReader(client, { retry });
  const read = reader.read(source, whole);
  const failure = {
    message: "There are no credentials to ask S3 with",
    cause: { message: /can not be assumed/ },
  };
  await expect(readAll(read)).rejects.toMatchObject({ message: failure.message });
  await expect(read.ended).rejects.toHaveProperty("cause.message", "The role can not be assumed");
  expect(s3.requests).toEqual([]);
  isThere = true;
  expect((await readAll(reader.read(source, whole))).toString()).toBe(body);
});

test("credentials that can not be renewed end the read with what their provider says", async () => {
  const s3 = await expiredAtFirst(9);
  let given = 0;
  const client = new S3Client({
    endpoint: await endpointOf(s3),
    region,
    credentials: async () => {
      given += 1;
      if (given > 1) throw new Error("The role can not be assumed");
      return { accessKeyId: "ID", secretAccessKey: "s" };
    },
    forcePathStyle: true,
  });
  const read = createSourceReader(client, { retry }).read(source, whole);
  await expect(readAll(read)).rejects.toThrow("The role can not be assumed");
  expect(s3.requests).toHaveLength(1);
});

const minuteMs = 60_000;

test.each([20 * minuteMs, -20 * minuteMs])(
  "a clock that is off by %i ms is corrected once",
  async (offMs) => {
    let serverIsOffMs = 0;
    const server = await startServer({ now: () => new Date(Date.now() + serverIsOffMs) });
    await createBucket(server, "bucket");
    const setUp = clientOf(server);
    const { ETag = "" } = await setUp.send(new PutObjectCommand({ Bucket: "bucket", Key: "k", Body: body }));
    const pinned = { ...source, pin: { kind: "etag", etag: ETag } } as const;
    serverIsOffMs = offMs;

    const client = new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true });
    const twice = createSourceReader(client, { retry: { ...retry, attempts: 2 } });
    expect((await readAll(twice.read(pinned, whole))).toString()).toBe(body);
    // From now on at the first attempt, for the SDK's own requests, too.
    const once = createSourceReader(client, { retry: { ...retry, attempts: 1 } });
    await Promise.all(Array.from({ length: 20 }, () => readAll(once.read(pinned, whole))));
    expect(Math.abs(client.config.systemClockOffset - offMs)).toBeLessThan(minuteMs);
    expect(await once.describe("bucket", "k")).toMatchObject({ etag: ETag });

    // And the other way round: what the SDK has learned of the clock, bodies know.
    const other = new S3Client({ endpoint: server.endpoint, region, credentials, forcePathStyle: true });
    const reader = createSourceReader(other, { retry: { ...retry, attempts: 1 } });
    expect(await reader.describe("bucket", "k")).toMatchObject({ etag: ETag });
    expect((await readAll(reader.read(pinned, whole))).toString()).toBe(body);
  },
);
