import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetBucketNotificationConfigurationCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { listenOnLoopback } from "../../local/loopback.ts";
import {
  type Connection,
  connectionSchema,
  type Start,
  type StartedStack,
  startInVain,
  startProcess,
} from "./start-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** One stack for all tests that only talk to it. */
let running: StartedStack;
const runningData = mkdtempSync(join(tmpdir(), "zipball-test-"));
beforeAll(async () => {
  running = await startProcess({ data: runningData });
});
afterAll(async () => {
  running.child.kill("SIGKILL");
  await once(running.child, "exit");
  rmSync(runningData, { recursive: true });
});

test("when the stack is ready local.json says where and as whom, to its owner only", () => {
  const { connection } = running;
  const file = join(runningData, "local.json");
  expect(connectionSchema.parse(JSON.parse(readFileSync(file, "utf8")))).toEqual(connection);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(connection.s3.archivesBucket).toBe(`${connection.s3.bucket}-archives`);
  const endpoints = [
    connection.api,
    connection.s3.endpoint,
    connection.dynamodb.endpoint,
    connection.sqs.endpoint,
  ];
  for (const endpoint of endpoints) expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(new Set(endpoints).size).toBe(4);
});

test("a made ball downloads as a zip, and nothing secret is logged", async () => {
  const { connection, said } = running;
  const answer = await order(connection, "sample");
  expect(answer.status).toBe(201);
  const link = linkSchema.parse(await answer.json()).data.urls.url;
  expect(link.startsWith(`${connection.api}/`)).toBe(true);
  const zip = Buffer.from(await (await fetch(link)).arrayBuffer());
  expect(zip.subarray(0, 4)).toEqual(Buffer.from("PK\x03\x04"));
  expect(said.stderr).not.toContain(connection.token);
  expect(said.stderr).not.toContain(link);
});

test("a wrong token is refused in the gateway's words", async () => {
  const answer = await order({ ...running.connection, token: "wrong" }, "sample");
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ success: false, error: { code: 10401 } });
});

test("everything survives a restart with the same data folder, even one that nobody announced", async () => {
  const data = temporaryFolder();
  const folder = folderWith({ "a.txt": "first" });
  const first = await start({ data, folder });
  const link = linkSchema.parse(await (await order(first.connection, "top")).json()).data.urls.url;
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = await start({ data, folder });
  expect(second.connection.token).toBe(first.connection.token);
  expect(second.connection.s3.secretAccessKey).toBe(first.connection.s3.secretAccessKey);
  expect(second.said.stderr).toContain("1 of 1 were there already");
  expect(await objectAt(second.connection, "top/a.txt")).toBe("first");
  const path = new URL(link).pathname + new URL(link).search;
  expect((await fetch(`${second.connection.api}${path}`)).status).toBe(200);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s stops everything with exit code 0", async (signal) => {
  const { child, connection } = await start({ data: temporaryFolder() });
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([0, null]);
  await expect(fetch(connection.api)).rejects.toThrow();
});

test("with a stage, everything lives under it", async () => {
  const { connection } = await start({ data: temporaryFolder(), more: ["--stage", "prod"] });
  expect(connection.api).toMatch(/\/prod$/);
  const answer = await order(connection, "sample");
  const link = linkSchema.parse(await answer.json()).data.urls.url;
  expect(link.startsWith(`${connection.api}/`)).toBe(true);
  expect((await fetch(link)).status).toBe(200);
});

test("another port than the API's that is taken gives way to a free one", async () => {
  const port = await freePort();
  await occupy(port + 1);
  const { connection } = await start({ data: temporaryFolder(), port });
  expect(connection.api).toBe(`http://127.0.0.1:${port}`);
  expect(connection.s3.endpoint).not.toBe(`http://127.0.0.1:${port + 1}`);
  expect(await objectAt(connection, "sample/readme.txt")).toContain("bucket");
});

test("a port in use is one clear line", async () => {
  const port = await occupy(0);
  expect(await failure(["--port", String(port), "--data", temporaryFolder()])).toBe(
    `Port ${port} is in use by another program; choose another one with --port\n`,
  );
});

test("a data folder in use by another running stack is one clear line", async () => {
  expect(await failure(["--port", "0", "--data", runningData])).toBe(
    `The data folder ${runningData} is in use by another running stack\n`,
  );
  expect(existsSync(join(runningData, "local.json"))).toBe(true);
});

test.each([
  [
    "a folder that is not there",
    ["--folder", "/no/such/folder"],
    /^--folder \/no\/such\/folder can not be read: there is no such folder\n$/,
  ],
  [
    "a file for a folder",
    ["--folder", "package.json"],
    /^--folder package.json can not be read: it is not a folder\n$/,
  ],
  ["the root for a folder", ["--folder", "/"], /^--folder \/: choose a folder that has a name\n$/],
  ["a port that is none", ["--port", "http"], /^--port http is no port\. Usage: .*\n$/],
  ["a port beyond the last", ["--port", "65536"], /^--port 65536 is no port\. Usage: .*\n$/],
  ["an option that is none", ["--prot", "1"], /^Unknown option '--prot'.*Usage: .*\n$/],
  [
    "a data folder that is a file",
    ["--data", "package.json"],
    /^The data folder .*package.json can not be used: .*\n$/,
  ],
])("%s is one clear line", async (_name, args, line) => {
  expect(await failure(["--port", "0", "--data", temporaryFolder(), ...args])).toMatch(line);
});

test("another server than the embedded one needs credentials", async () => {
  const args = ["--port", "0", "--data", temporaryFolder()];
  expect(await failure(args, { S3_ENDPOINT: "http://127.0.0.1:1" })).toMatch(
    /^.*need AWS_ACCESS_KEY_ID.*\n$/,
  );
});

test("another server that does not answer is one clear line", async () => {
  const args = ["--port", "0", "--data", temporaryFolder()];
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const line = await failure(args, { ...keys, S3_ENDPOINT: "http://127.0.0.1:1" });
  expect(line).toMatch(/^S3 at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*\n$/);
});

test("another server replaces the embedded one, with the environment's credentials for all", async () => {
  const other = running.connection;
  const { accessKeyId, secretAccessKey } = other.s3;
  const { connection } = await start({
    data: temporaryFolder(),
    environment: {
      S3_ENDPOINT: other.s3.endpoint,
      S3_BUCKET: "another-bucket",
      ARCHIVES_BUCKET: "kept-archives",
      DYNAMODB_ENDPOINT: other.dynamodb.endpoint,
      SQS_ENDPOINT: other.sqs.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  });
  expect(connection).toMatchObject({
    s3: {
      endpoint: other.s3.endpoint,
      bucket: "another-bucket",
      archivesBucket: "kept-archives",
      accessKeyId,
    },
    dynamodb: other.dynamodb,
    sqs: other.sqs,
  });
  expect((await order(connection, "sample")).status).toBe(201);
  expect(await toldOf(other, other.s3.bucket)).toEqual({});
  expect(await toldOf(other, "another-bucket"), "what it tells is left to its owner").toBeUndefined();
});

async function start(options: Start): Promise<StartedStack> {
  const started = await startProcess(options);
  onTestFinished(() => void started.child.kill("SIGKILL"));
  return started;
}

/** What a start that must fail with exit code 1 says on stderr; on stdout it says nothing. */
async function failure(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await startInVain(args, environment);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  return stderr;
}

function order({ api, token }: Connection, folder: string): Promise<Response> {
  return fetch(`${api}/v2/zipball`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ objects: [{ folder: `/${folder}` }] }),
  });
}

async function objectAt({ s3 }: Connection, Key: string): Promise<string | undefined> {
  return await asking(s3, async (client) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key }));
    return await Body?.transformToString();
  });
}

/** How a bucket is configured to tell EventBridge of changes; undefined when it is not. */
async function toldOf({ s3 }: Connection, Bucket: string): Promise<object | undefined> {
  return await asking(s3, async (client) => {
    const configuration = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    return configuration.EventBridgeConfiguration;
  });
}

async function asking<Answer>(
  { endpoint, region, accessKeyId, secretAccessKey }: Connection["s3"],
  ask: (client: S3Client) => Promise<Answer>,
): Promise<Answer> {
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    return await ask(client);
  } finally {
    client.destroy();
  }
}

function folderWith(files: Record<string, string>): string {
  const folder = join(temporaryFolder(), "top");
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Holds a port for the length of a test; 0: a free one, which it returns. */
async function occupy(port: number): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  return await listenOnLoopback(server, port);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  server.close();
  await once(server, "close");
  return port;
}

const linkSchema = z.object({ data: z.object({ urls: z.object({ url: z.url() }) }) });
