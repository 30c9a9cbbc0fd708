import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { readSettings } from "../../infra/settings.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("stacks that follow each other in one process have each their own settings", async () => {
  const first = await start({ MAX_ENTRIES: "1" });
  expect((await order(first)).status).toBeGreaterThanOrEqual(400);
  await first.close();
  const second = await start({ DOMAINS: "www.example.com" });
  const answer = createdSchema.parse(await (await order(second)).json());
  expect(answer.data.urls.domains.map(({ domain }) => domain)).toEqual(["www.example.com"]);
});

test("a closed stack leaves the process's environment as it was, and its ports free", async () => {
  const before = { ...process.env };
  const stack = await start({ PUBLIC_URL: "https://zip.example" });
  expect(process.env.PUBLIC_URL).toBe("https://zip.example");
  await stack.close();
  await stack.close();
  expect({ ...process.env }).toEqual(before);
  await expect(fetch(stack.connection.s3.endpoint)).rejects.toThrow();
});

test("links are made from the configured address, or else from the request context and never from Host", async () => {
  const configured = await start({ PUBLIC_URL: "https://zip.example/base" });
  expect(await linkOf(configured)).toMatch(/^https:\/\/zip\.example\/base\/[0-9a-f-]{36}\.zip\?zipball$/);
  await configured.close();
  const derived = await start({ PUBLIC_URL: "" }, { stage: "prod" });
  const { host } = new URL(derived.connection.api);
  expect(await linkOf(derived)).toMatch(new RegExp(`^https?://${host}/prod/[0-9a-f-]{36}\\.zip\\?zipball$`));
});

test("with Lambda's caps a stack streams as much as the deployed one does, and no faster", async () => {
  const stack = await start({}, { lambdaCaps: true });
  expect(process.env.STREAM_LIMIT_BYTES).toBe(String(readSettings({}).streamLimitBytes));
  const { connection } = stack;
  const { s3 } = connection;
  const client = new S3Client({ ...s3, credentials: s3, forcePathStyle: true });
  onTestFinished(() => client.destroy());
  const Body = Buffer.alloc(7_500_000);
  await client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: `${stack.demoFolder}/long.bin`, Body }));
  const link = await linkOf(stack);
  const startedAtMs = performance.now();
  const { byteLength } = await (await fetch(link)).arrayBuffer();
  expect(byteLength).toBeGreaterThan(7_500_000);
  // 1.5 MB beyond the first 6, at 2 MB a second, by timers that may be a little early.
  expect(performance.now() - startedAtMs).toBeGreaterThan(700);
});

test("without them the functions know of no limit", async () => {
  await start({});
  expect(process.env.STREAM_LIMIT_BYTES).toBeUndefined();
});

test("the embedded SQS takes queues and messages", async () => {
  const { connection } = await start({});
  const { endpoint } = connection.sqs;
  const client = new SQSClient({ endpoint, region: connection.s3.region, credentials: connection.s3 });
  onTestFinished(() => client.destroy());
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: "assembly" }));
  const sent = await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
  expect(sent.MessageId).toBeDefined();
});

async function start(
  variables: NonNullable<StackOptions["variables"]>,
  more: Partial<StackOptions> = {},
): Promise<Stack> {
  const dataDir = temporaryFolder();
  const stack = await startStack({ port: 0, dataDir, variables, environment: {}, ...more });
  onTestFinished(() => stack.close());
  return stack;
}

function order({ connection, demoFolder }: Stack): Promise<Response> {
  return fetch(`${connection.api}/v2/zipball`, {
    method: "POST",
    headers: { Authorization: `Bearer ${connection.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ objects: [{ folder: `/${demoFolder}` }] }),
  });
}

async function linkOf(stack: Stack): Promise<string> {
  return createdSchema.parse(await (await order(stack)).json()).data.urls.url;
}

const createdSchema = z.object({
  data: z.object({
    urls: z.object({ url: z.string(), domains: z.array(z.object({ domain: z.string() })) }),
  }),
});
