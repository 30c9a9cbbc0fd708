import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { beforeAll, expect, test } from "vitest";
import type { AssembledArchive, AssemblyWork } from "../../lambdas/ball/assembly.ts";
import type { Ball } from "../../lambdas/ball/ball.ts";
import { createAssemblyStore } from "../../lambdas/storage/dynamodb/assembly-store.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { parseAssemblyWork } from "../../lambdas/storage/sqs/assembly-work.ts";
import type { Services } from "../../local/endpoints.ts";
import { assemblyQueue, type Queue } from "../../local/events/queue.ts";
import { resumeAssemblies } from "../../local/resume-assemblies.ts";
import { ballsTable } from "../../local/tables.ts";
import { testDynamodb } from "../support/dynamodb.ts";
import { allCrc32s, ballOf, freeze, realisticEntries } from "../support/manifests.ts";
import { region, testQueue } from "./events/test-queue.ts";

const dynamodb = testDynamodb();
const services: Services = {
  s3Endpoint: undefined,
  dynamodbEndpoint: undefined,
  sqsEndpoint: undefined,
  bucket: "photos",
  archivesBucket: "archives",
  region,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};
const never = new AbortController().signal;

const manifest = freeze(realisticEntries(2));
const archive: AssembledArchive = { key: "k", etag: '"e"', lengthBytes: 1, lastModifiedEpochSeconds: 1 };

/** Balls of every kind, by what has become of them. */
const balls = {
  streamed: ballWith({ delivery: "stream" }),
  expired: ballWith({ expiresAtEpochSeconds: 1 }),
  "not begun": ballWith({}),
  assembling: ballWith({}),
  "at its second attempt": ballWith({}),
  failed: ballWith({}),
  compressed: ballWith({ compression: "deflate" }),
  complete: ballWith({}),
};

function ballWith(changes: Partial<Ball>): Ball {
  const expiresAtEpochSeconds = Math.floor(Date.now() / 1000) + 3600;
  return { ...ballOf(manifest), delivery: "assemble", expiresAtEpochSeconds, ...changes };
}

beforeAll(async () => {
  const client = dynamodb().newClient();
  const store = createBallStore(client, ballsTable);
  const assemblies = createAssemblyStore(client, ballsTable);
  const begin = (ball: Ball, attempt = 1) =>
    assemblies.begin(ball, { attempt, uploadId: "u", groupCount: 1, begunAtEpochSeconds: 1 });
  const fail = (ball: Ball) => assemblies.fail(ball, 1, "not today", "the message");
  for (const ball of Object.values(balls)) await store.put(ball, manifest, allCrc32s(2));
  for (const name of ["assembling", "at its second attempt", "failed", "complete", "compressed"] as const) {
    await begin(balls[name]);
  }
  await fail(balls.failed);
  await fail(balls["at its second attempt"]);
  await begin(balls["at its second attempt"], 2);
  await assemblies.complete(balls.complete, 1, archive);
});

async function workIn({ client, url }: Queue): Promise<AssemblyWork[]> {
  const receive = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await client.send(receive);
  return Messages.map(({ Body = "" }) => parseAssemblyWork(Body));
}

test("what was not assembled when the stack ended is asked for again, and nothing else", async () => {
  const assembly = await testQueue(30, assemblyQueue);
  await resumeAssemblies(services, { dynamodb: dynamodb().endpoint, assembly }, never);
  const work = await workIn(assembly);
  const asked = (ball: Ball, attempt: number, task: AssemblyWork["task"]) => {
    const { ballId, etag: planEtag } = ball;
    return { ballId, planEtag, attempt, task, group: 0, generation: 0, id: expect.any(String) };
  };
  const expected = [
    asked(balls["not begun"], 1, "begin"),
    asked(balls.assembling, 1, "group"),
    asked(balls["at its second attempt"], 2, "group"),
    asked(balls.compressed, 1, "begin"),
  ];
  const byBall = (one: { ballId: string }, other: { ballId: string }) =>
    one.ballId.localeCompare(other.ballId);
  expect(work.toSorted(byBall)).toEqual(expected.toSorted(byBall));
});

test.each(["sqsEndpoint", "dynamodbEndpoint"] as const)(
  "nothing is asked for again where another server is the %s",
  async (name) => {
    const assembly = await testQueue(30, assemblyQueue);
    const { endpoint } = dynamodb();
    await resumeAssemblies({ ...services, [name]: endpoint }, { dynamodb: endpoint, assembly }, never);
    expect(await workIn(assembly)).toEqual([]);
  },
);

test("it ends when it is told to", async () => {
  const assembly = await testQueue(30, assemblyQueue);
  const resuming = resumeAssemblies(
    services,
    { dynamodb: dynamodb().endpoint, assembly },
    AbortSignal.abort(),
  );
  await expect(resuming).rejects.toThrow("abort");
});
