import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { startChild } from "../child.ts";
import { type BenchContext, scaled } from "../context.ts";
import type { Table } from "../report.ts";
import { fillBucket, fillingClient } from "../s3.ts";
import { compete } from "./compete.ts";
import { writeObjectSet } from "./object-set.ts";

const bucket = "bench";
const account = { region: "us-east-1", accessKeyId: "bench", secretAccessKey: "bench" };
const serverAnswer = z.object({ endpoint: z.url() });

/** One archive of the same objects from the same origin, made by each contestant in turn. */
export async function* stream(context: BenchContext): AsyncGenerator<Table> {
  const { scale, workDir, say } = context;
  const origin = await startChild({
    program: new URL("./origin.ts", import.meta.url),
    input: { dataDir: join(workDir, "origin"), ...account },
    answer: serverAnswer,
  });
  const { endpoint } = origin.answer;
  const late = await startChild({
    program: new URL("./late-origin.ts", import.meta.url),
    input: { endpoint, delayMs },
    answer: serverAnswer,
  });
  try {
    const sets = setsAt(scale);
    for (const set of sets) {
      say(`stream: filling ${set.title}`);
      await fill(endpoint, set, setFile(workDir, set));
    }
    for (const set of sets) {
      yield await compete(context, { ...set, endpoint, account, setFile: setFile(workDir, set) });
    }
    const [small] = sets;
    const count = scaled(1000, scale);
    const title = `${count} × 10 KiB, first byte ${delayMs} ms late`;
    yield await compete(context, {
      title,
      count,
      endpoint: late.answer.endpoint,
      account,
      setFile: setFile(workDir, small),
    });
  } finally {
    await late.stop();
    await origin.stop();
  }
}

interface ObjectSetPlan {
  readonly name: string;
  readonly title: string;
  readonly count: number;
  readonly sizeBytes: number;
}

function setsAt(scale: number): [small: ObjectSetPlan, medium: ObjectSetPlan, large: ObjectSetPlan] {
  const small = scaled(5000, scale);
  const medium = scaled(100, scale);
  const largeMiB = scaled(1024, scale);
  return [
    { name: "small", title: `${small} × 10 KiB`, count: small, sizeBytes: 10 * KiB },
    { name: "medium", title: `${medium} × 10 MiB`, count: medium, sizeBytes: 10 * MiB },
    { name: "large", title: `2 × ${largeMiB} MiB`, count: 2, sizeBytes: largeMiB * MiB },
  ];
}

async function fill(
  endpoint: string,
  { name, count, sizeBytes }: ObjectSetPlan,
  file: string,
): Promise<void> {
  const client = fillingClient({ endpoint, ...account });
  const keys = Array.from(
    { length: count },
    (_, index) => `${name}/object ${String(index).padStart(5, "0")}.bin`,
  );
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    await fillBucket({ client, bucket, keys, sizeBytes });
    await writeObjectSet(file, createSourceReader(client), bucket, keys);
  } finally {
    client.destroy();
  }
}

const setFile = (workDir: string, { name }: ObjectSetPlan): string => join(workDir, `${name}.json`);

const KiB = 1024;
const MiB = 1024 * KiB;
const delayMs = 30;
