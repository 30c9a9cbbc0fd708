import { Duration } from "aws-cdk-lib";
import type { Route } from "../lambdas/api/routes.ts";
import type {
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
import type { FunctionPlan } from "./deployed-function.ts";
import { frugalProcess } from "./frugal-process.ts";
import { listsBuckets, listsVersions, onTable, readsObjects } from "./permissions.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

/** What answers a route, what API Gateway asks before, and what the queue of object events calls. */
export type FunctionName = Route["functionName"] | "authorizer" | "head-download" | "indexer";

/** What every function is given, by its name: the file directly under lambdas/. */
export const planFunctions = (
  settings: Settings,
  storage: Storage,
): Readonly<Record<FunctionName, FunctionPlan>> => ({
  "create-ball": {
    description: "Freezes a selection of objects and folders into a ball and answers its link",
    ...creates(storage),
    environment: {
      ...creationVariables(settings, storage),
      DOMAINS: settings.domains.join(","),
      BALL_LIFETIME_SECONDS: settings.ballLifetimeSeconds,
    } satisfies CreateBallVariables,
  },
  "create-zip-download": {
    description: "The same in Box's dialect: answers the links of download and status, and what was renamed",
    ...creates(storage),
    environment: {
      ...creationVariables(settings, storage),
      ZIP_DOWNLOAD_START_SECONDS: settings.zipDownloadStartSeconds,
      ZIP_DOWNLOAD_STATUS_SECONDS: settings.zipDownloadStatusSeconds,
    } satisfies CreateZipDownloadVariables,
  },
  download: {
    description: "Streams a ball, or a range of it",
    memoryMib: 1024,
    // The longest that Lambda and API Gateway let a response stream.
    timeout: Duration.minutes(15),
    environment: {
      BALLS_TABLE: storage.balls.tableName,
      CATALOG_TABLE: storage.catalog.tableName,
      CLIENT_IDLE_SECONDS: settings.clientIdleSeconds,
    } satisfies DownloadVariables,
    processVariables: frugalProcess,
    permissions: [
      listsBuckets(storage.sourceBuckets),
      readsObjects(storage.sourceBuckets),
      onTable(storage.balls, ["GetItem", "PutItem", "UpdateItem"]),
      onTable(storage.catalog, ["BatchGetItem", "BatchWriteItem"]),
    ],
  },
  "head-download": {
    description: "Answers HEAD of a ball: the headers of its download",
    memoryMib: 512,
    timeout: bufferedTimeout,
    environment: { BALLS_TABLE: storage.balls.tableName } satisfies HeadDownloadVariables,
    // No objects: HEAD is answered from the ball's head item.
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
      listsBuckets(storage.sourceBuckets),
      readsObjects(storage.sourceBuckets),
      onTable(storage.catalog, ["Query", "PutItem", "BatchGetItem", "BatchWriteItem"]),
    ],
  },
});

/** A batch of events, some ten requests to S3 and DynamoDB each, takes seconds; one that is stopped comes again. */
export const indexerTimeout = Duration.minutes(1);

/** API Gateway waits 29 s for a buffered answer. */
const bufferedTimeout = Duration.seconds(29);

const creates = (storage: Storage): Omit<FunctionPlan, "description" | "environment"> => ({
  // Lambda gives one whole vCPU at 1769 MiB: a large selection is bound by signing and parsing.
  memoryMib: 1769,
  timeout: bufferedTimeout,
  permissions: [
    listsBuckets(storage.sourceBuckets),
    readsObjects(storage.sourceBuckets),
    onTable(storage.balls, ["PutItem", "DeleteItem"]),
    onTable(storage.catalog, ["GetItem", "Query", "PutItem", "BatchGetItem", "BatchWriteItem"]),
    countsRequests(storage),
  ],
});

const countsRequests = (storage: Storage) => onTable(storage.rates, ["UpdateItem"]);

const creationVariables = (settings: Settings, storage: Storage) => ({
  PUBLIC_URL: settings.publicUrl,
  RATES_TABLE: storage.rates.tableName,
  BALLS_TABLE: storage.balls.tableName,
  CATALOG_TABLE: storage.catalog.tableName,
  STREAM_LIMIT_BYTES: settings.streamLimitBytes,
});
