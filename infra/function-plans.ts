import { Duration } from "aws-cdk-lib";
import { RecursiveLoop } from "aws-cdk-lib/aws-lambda";
import type { Route } from "../lambdas/api/routes.ts";
import type {
  AssemblerVariables,
  AuthorizerVariables,
  CreateBallVariables,
  CreateZipDownloadVariables,
  DownloadVariables,
  HeadDownloadVariables,
  IndexerVariables,
  MetadataVariables,
  OpenapiVariables,
  ZipDownloadStatusVariables,
} from "../lambdas/env.ts";
import { type Assembly, assemblerTimeout } from "./assembly.ts";
import type { FunctionPlan } from "./deployed-function.ts";
import { frugalProcess } from "./frugal-process.ts";
import {
  decryptsWith,
  listsBuckets,
  listsVersions,
  onTable,
  readsArchives,
  readsObjects,
  sendsTo,
  writesArchives,
} from "./permissions.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

/** What answers a route, what API Gateway asks before, and what the queues call. */
export type FunctionName = Route["functionName"] | "assembler" | "authorizer" | "head-download" | "indexer";

/** What functions are made from. */
interface Surroundings {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly assembly: Assembly;
}

/** What every function is given, by its name: the file directly under lambdas/. */
export const planFunctions = ({
  settings,
  storage,
  assembly,
}: Surroundings): Readonly<Record<FunctionName, FunctionPlan>> => ({
  "create-ball": {
    description: "Freezes a selection of objects and folders into a ball and answers its link",
    ...creates({ settings, storage, assembly }),
    environment: {
      ...creationVariables({ settings, storage, assembly }),
      DOMAINS: settings.domains.join(","),
      BALL_LIFETIME_SECONDS: settings.ballLifetimeSeconds,
    } satisfies CreateBallVariables,
  },
  "create-zip-download": {
    description: "The same in Box's dialect: answers the links of download and status, and what was renamed",
    ...creates({ settings, storage, assembly }),
    environment: {
      ...creationVariables({ settings, storage, assembly }),
      ZIP_DOWNLOAD_START_SECONDS: settings.zipDownloadStartSeconds,
      ZIP_DOWNLOAD_STATUS_SECONDS: settings.zipDownloadStatusSeconds,
    } satisfies CreateZipDownloadVariables,
  },
  download: {
    description: "Streams a ball, or a range of it; leads to its archive where that is assembled",
    memoryMib: 1024,
    // The longest that Lambda and API Gateway let a response stream.
    timeout: Duration.minutes(15),
    environment: {
      PUBLIC_URL: settings.publicUrl,
      BALLS_TABLE: storage.balls.tableName,
      CATALOG_TABLE: storage.catalog.tableName,
      RATES_TABLE: storage.rates.tableName,
      ARCHIVES_BUCKET: storage.archives.bucketName,
      CLIENT_IDLE_SECONDS: settings.clientIdleSeconds,
      ARCHIVE_LINK_SECONDS: settings.archiveLinkSeconds,
      HOLD_SECONDS: settings.holdSeconds,
    } satisfies DownloadVariables,
    processVariables: frugalProcess,
    permissions: [
      ...readsSources(settings, storage),
      ...readsArchives(storage.archives),
      onTable(storage.balls, ["GetItem", "PutItem", "UpdateItem"]),
      onTable(storage.catalog, ["BatchGetItem", "BatchWriteItem"]),
      countsRequests(storage),
    ],
  },
  assembler: {
    description: "Assembles archives inside S3, piece by piece",
    // Lambda gives one whole vCPU at 1769 MiB; two parts of 40 MiB and the bytes on their way are a twentieth of it.
    memoryMib: 1769,
    timeout: assemblerTimeout,
    environment: {
      BALLS_TABLE: storage.balls.tableName,
      CATALOG_TABLE: storage.catalog.tableName,
      ARCHIVES_BUCKET: storage.archives.bucketName,
      ASSEMBLY_QUEUE_URL: assembly.queue.queueUrl,
    } satisfies AssemblerVariables,
    processVariables: frugalProcess,
    // It puts work into its own queue, and more often in a row than the 16 times after which Lambda would stop it. What goes
    // round without getting on is found by its generations, and by an alarm.
    recursiveLoop: RecursiveLoop.ALLOW,
    permissions: [
      ...readsSources(settings, storage),
      ...writesArchives(storage.archives),
      onTable(storage.balls, ["GetItem", "Query", "PutItem", "UpdateItem"]),
      onTable(storage.catalog, ["BatchGetItem", "BatchWriteItem"]),
      sendsTo(assembly.queue),
    ],
  },
  "head-download": {
    description: "Answers HEAD of a ball: the headers of its download",
    memoryMib: 512,
    timeout: bufferedTimeout,
    environment: { BALLS_TABLE: storage.balls.tableName } satisfies HeadDownloadVariables,
    // No objects: HEAD is answered from what is kept of the ball and of its archive.
    permissions: [onTable(storage.balls, ["GetItem"])],
  },
  "zip-download-status": {
    description: "Answers how far the download of a ball has come, in Box's dialect",
    memoryMib: 512,
    timeout: bufferedTimeout,
    environment: {
      RATES_TABLE: storage.rates.tableName,
      BALLS_TABLE: storage.balls.tableName,
    } satisfies ZipDownloadStatusVariables,
    permissions: [onTable(storage.balls, ["GetItem", "Query"]), countsRequests(storage)],
  },
  metadata: {
    description: "Answers which versions of an object there are, with their ids, numbers and revisions",
    memoryMib: 512,
    timeout: bufferedTimeout,
    environment: {
      RATES_TABLE: storage.rates.tableName,
      CATALOG_TABLE: storage.catalog.tableName,
    } satisfies MetadataVariables,
    permissions: [
      listsVersions(storage.sourceBuckets),
      onTable(storage.catalog, ["GetItem", "Query", "PutItem", "BatchGetItem"]),
      countsRequests(storage),
    ],
  },
  openapi: {
    description: "Answers the description of all routes, made once when it starts",
    memoryMib: 512,
    timeout: Duration.seconds(10),
    environment: { PUBLIC_URL: settings.publicUrl } satisfies OpenapiVariables,
    permissions: [],
  },
  authorizer: {
    description: "Tells what a bearer token may read",
    memoryMib: 256,
    timeout: Duration.seconds(5),
    environment: {
      TOKENS_TABLE: storage.tokens.tableName,
      REQUESTS_PER_MINUTE: settings.requestsPerMinute,
    } satisfies AuthorizerVariables,
    permissions: [onTable(storage.tokens, ["GetItem"])],
  },
  indexer: {
    description: "Keeps the catalog of object versions, from the events of the buckets",
    memoryMib: 512,
    timeout: indexerTimeout,
    environment: { CATALOG_TABLE: storage.catalog.tableName } satisfies IndexerVariables,
    permissions: [
      ...readsSources(settings, storage),
      onTable(storage.catalog, ["Query", "PutItem", "BatchGetItem", "BatchWriteItem"]),
    ],
  },
});

/** A batch of events, some ten requests to S3 and DynamoDB each, takes seconds; one that is stopped comes again. */
export const indexerTimeout = Duration.minutes(1);

/** API Gateway waits 29 s for a buffered answer. */
const bufferedTimeout = Duration.seconds(29);

const creates = (surroundings: Surroundings): Omit<FunctionPlan, "description" | "environment"> => ({
  // Lambda gives one whole vCPU at 1769 MiB: a large selection is bound by signing and parsing.
  memoryMib: 1769,
  timeout: bufferedTimeout,
  permissions: [
    ...readsSources(surroundings.settings, surroundings.storage),
    onTable(surroundings.storage.balls, ["PutItem", "DeleteItem"]),
    onTable(surroundings.storage.catalog, ["GetItem", "Query", "PutItem", "BatchGetItem", "BatchWriteItem"]),
    countsRequests(surroundings.storage),
    sendsTo(surroundings.assembly.queue),
  ],
});

/** Reads any object that may be selected, and sees which are gone. */
const readsSources = ({ sourceKmsKeyArns }: Settings, { sourceBuckets }: Storage) => [
  listsBuckets(sourceBuckets),
  readsObjects(sourceBuckets),
  ...decryptsWith(sourceKmsKeyArns),
];

const countsRequests = (storage: Storage) => onTable(storage.rates, ["UpdateItem"]);

const creationVariables = ({ settings, storage, assembly }: Surroundings) => ({
  PUBLIC_URL: settings.publicUrl,
  RATES_TABLE: storage.rates.tableName,
  BALLS_TABLE: storage.balls.tableName,
  CATALOG_TABLE: storage.catalog.tableName,
  ASSEMBLY_QUEUE_URL: assembly.queue.queueUrl,
  STREAM_LIMIT_BYTES: settings.streamLimitBytes,
  COMPRESSED_LIMIT_BYTES: settings.compressedLimitBytes,
});
