import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import type { AssemblerVariables } from "../../lambdas/env.ts";
import { assemblyQueue, openQueue, type Queue } from "../../local/events/queue.ts";
import { startLocalSqs } from "../../local/sqs.ts";
import { ballsTable, catalogTable } from "../../local/tables.ts";
import { type TestDynamodb, testDynamodb } from "../support/dynamodb.ts";
import { type TestS3, testS3 } from "../support/s3.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";
import type { WorkerPlan } from "./worker-plans.ts";
import { WorkerProcesses } from "./worker-processes.ts";

/** What workers talk to, in this process; they are others. */
export interface CrashServers {
  readonly s3: TestS3;
  readonly dynamodb: TestDynamodb;
  readonly queue: Queue;
  readonly archivesBucket: string;
  /** In front of the S3, for the workers alone. */
  readonly proxy: CountingProxy;
  /** Workers that plan so; the same ones for all tests of a file. */
  workers(plan: WorkerPlan): WorkerProcesses;
}

const region = "eu-central-1";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/**
 * Starts them for the tests of one file. The function it returns may be called inside tests and hooks. They live by a clock
 * that tests may set forward.
 */
export function testCrashServers(): () => CrashServers {
  const s3 = testS3();
  const dynamodb = testDynamodb();
  const closers: (() => unknown)[] = [];
  const pools = new Map<WorkerPlan, WorkerProcesses>();
  let servers: CrashServers | undefined;
  beforeAll(async () => {
    // Workers are started time and again: what the first one compiled, the others take over.
    const compiled = mkdtempSync(join(tmpdir(), "zipball-compiled-"));
    closers.push(() => rmSync(compiled, { recursive: true }));
    const sqs = await startLocalSqs({ region, port: 0 });
    closers.push(() => sqs.close());
    const queue = await openTestQueue(sqs.endpoint);
    closers.push(() => queue.client.destroy());
    const proxy = await startCountingProxy(s3().endpoint);
    closers.push(() => proxy.close());
    const archivesBucket = await s3().newBucket();
    const variables = {
      S3_ENDPOINT: proxy.endpoint,
      DYNAMODB_ENDPOINT: dynamodb().endpoint,
      SQS_ENDPOINT: sqs.endpoint,
      ASSEMBLY_QUEUE_URL: queue.url,
      BALLS_TABLE: ballsTable,
      CATALOG_TABLE: catalogTable,
      ARCHIVES_BUCKET: archivesBucket,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    } satisfies AssemblerVariables;
    const environment = { POWERTOOLS_LOG_LEVEL: "SILENT", NODE_COMPILE_CACHE: compiled, ...variables };
    const workers = (plan: WorkerPlan) => {
      const pool = pools.get(plan) ?? new WorkerProcesses({ plan, environment });
      pools.set(plan, pool);
      return pool;
    };
    servers = { s3: s3(), dynamodb: dynamodb(), queue, archivesBucket, proxy, workers };
  });
  // Registered behind those of the servers that are used here, and so run before them.
  afterAll(async () => {
    for (const pool of pools.values()) await pool.close();
    for (const close of closers.splice(0).reverse()) await close();
  });
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());
  return () => {
    if (servers === undefined) throw new Error("They are started before the first test");
    return servers;
  };
}

async function openTestQueue(sqsEndpoint: string): Promise<Queue> {
  const endpoints = { s3Endpoint: undefined, dynamodbEndpoint: undefined, sqsEndpoint };
  const services = { ...endpoints, bucket: "", archivesBucket: "", region, credentials };
  return await openQueue(services, sqsEndpoint, assemblyQueue);
}
