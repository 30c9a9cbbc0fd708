import { type App, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { Assembly } from "./assembly.ts";
import { Functions } from "./functions.ts";
import { ObjectEvents } from "./object-events.ts";
import { Routes } from "./routes.ts";
import type { Settings } from "./settings.ts";
import { Storage } from "./storage.ts";

interface ZipballStackProps extends StackProps {
  readonly settings: Settings;
}

/** The whole system in one stack, wired from what is stored to what is reached. */
export class ZipballStack extends Stack {
  constructor(scope: App, id: string, { settings, ...props }: ZipballStackProps) {
    super(scope, id, props);
    const storage = new Storage(this, "Storage", settings);
    const assembly = new Assembly(this, "Assembly");
    const functions = new Functions(this, "Functions", { settings, storage, assembly });
    const assembler = functions.named("assembler");
    assembly.startWorkers({ assembler, concurrency: settings.assemblyConcurrency });
    const api = new Routes(this, "Routes", { settings, functions });
    const events = new ObjectEvents(this, "ObjectEvents", {
      buckets: storage.sourceBuckets,
      indexer: functions.named("indexer"),
    });

    new CfnOutput(this, "ApiUrl", { value: api.url });
    new CfnOutput(this, "SourceBuckets", {
      value: storage.sourceBuckets.map((bucket) => bucket.name).join(","),
    });
    new CfnOutput(this, "ArchivesBucket", { value: storage.archives.bucketName });
    new CfnOutput(this, "BallsTable", { value: storage.balls.tableName });
    new CfnOutput(this, "TokensTable", { value: storage.tokens.tableName });
    new CfnOutput(this, "CatalogTable", { value: storage.catalog.tableName });
    new CfnOutput(this, "IndexerQueue", { value: events.queue.queueUrl });
    new CfnOutput(this, "IndexerDeadLetters", { value: events.deadLetters.queueUrl });
    new CfnOutput(this, "AssemblyQueue", { value: assembly.queue.queueUrl });
    new CfnOutput(this, "AssemblyDeadLetters", { value: assembly.deadLetters.queueUrl });
    new CfnOutput(this, "AssemblerLog", { value: assembler.logGroup.logGroupName });
  }
}
