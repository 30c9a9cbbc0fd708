import { Duration, Validations } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { AuthorizerVariables, CreateBallVariables, DownloadVariables } from "../lambdas/env.ts";
import { DeployedFunction } from "./deployed-function.ts";
import type { Settings } from "./settings.ts";
import { removalPolicies, type SourceBucket, type Storage } from "./storage.ts";

interface FunctionsProps {
  readonly settings: Settings;
  readonly storage: Storage;
}

/** The deployed functions, each with what it may do beside it. */
export class Functions extends Construct {
  readonly createBall: IFunction;
  readonly download: IFunction;
  readonly authorizer: IFunction;
  /** HEAD without streaming; only where the settings ask for it. */
  readonly headDownload: IFunction | undefined;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.createBall = this.addCreateBall(props);
    this.download = this.addDownload(props);
    this.authorizer = this.addAuthorizer(props);
    this.headDownload = props.settings.headMode === "buffered" ? this.addHeadDownload(props) : undefined;
    for (const bucket of props.storage.sourceBuckets) {
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${bucket.arnInFindings}/*]`,
        reason: "Any object may be selected: which bucket a caller may select from, its token says.",
      });
    }
  }

  private addCreateBall({ settings, storage }: FunctionsProps): IFunction {
    const environment: CreateBallVariables = {
      BALLS_TABLE: storage.balls.tableName,
      PUBLIC_URL: settings.publicUrl,
      DOMAINS: settings.domains.join(","),
      BALL_LIFETIME_SECONDS: settings.ballLifetimeSeconds,
      STREAM_LIMIT_BYTES: settings.streamLimitBytes,
    };
    return new DeployedFunction(this, "CreateBall", {
      entryName: "create-ball",
      description: "Freezes a selection of objects and folders into a ball and answers its link",
      // Lambda gives one whole vCPU at 1769 MiB: a large selection is bound by signing and parsing.
      memoryMib: 1769,
      // API Gateway waits 29 s for a buffered answer.
      timeout: Duration.seconds(29),
      environment,
      permissions: [
        listsBuckets(storage.sourceBuckets),
        readsObjects(storage.sourceBuckets),
        onTable(storage.balls, ["PutItem", "DeleteItem"]),
      ],
      removalPolicy: removalPolicies[settings.removal],
    }).lambda;
  }

  private addDownload({ settings, storage }: FunctionsProps): IFunction {
    const environment: DownloadVariables = { BALLS_TABLE: storage.balls.tableName };
    return new DeployedFunction(this, "Download", {
      entryName: "download",
      description: "Streams a ball, or a range of it",
      memoryMib: 1024,
      // The longest that Lambda and API Gateway let a response stream.
      timeout: Duration.minutes(15),
      environment,
      permissions: [readsObjects(storage.sourceBuckets), onTable(storage.balls, ["GetItem", "PutItem"])],
      removalPolicy: removalPolicies[settings.removal],
    }).lambda;
  }

  private addHeadDownload({ settings, storage }: FunctionsProps): IFunction {
    const environment: DownloadVariables = { BALLS_TABLE: storage.balls.tableName };
    return new DeployedFunction(this, "HeadDownload", {
      entryName: "head-download",
      description: "Answers HEAD of a ball: the headers of its download",
      memoryMib: 512,
      timeout: Duration.seconds(29),
      environment,
      // No objects: HEAD is answered from the ball's head item.
      permissions: [onTable(storage.balls, ["GetItem"])],
      removalPolicy: removalPolicies[settings.removal],
    }).lambda;
  }

  private addAuthorizer({ settings, storage }: FunctionsProps): IFunction {
    const environment: AuthorizerVariables = { TOKENS_TABLE: storage.tokens.tableName };
    return new DeployedFunction(this, "Authorizer", {
      entryName: "authorizer",
      description: "Tells what a bearer token may read",
      memoryMib: 256,
      timeout: Duration.seconds(5),
      environment,
      permissions: [onTable(storage.tokens, ["GetItem"])],
      removalPolicy: removalPolicies[settings.removal],
    }).lambda;
  }
}

/** Without it S3 answers 403 where an object does not exist, so that 404 could not be told from forbidden. */
const listsBuckets = (buckets: readonly SourceBucket[]): PolicyStatement =>
  new PolicyStatement({
    actions: ["s3:ListBucket"],
    resources: buckets.map((bucket) => bucket.arn),
  });

/** HEAD and GET, of the newest version and of a pinned one. */
const readsObjects = (buckets: readonly SourceBucket[]): PolicyStatement =>
  new PolicyStatement({
    actions: ["s3:GetObject", "s3:GetObjectVersion"],
    resources: buckets.map((bucket) => `${bucket.arn}/*`),
  });

const onTable = (table: TableV2, operations: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: operations.map((operation) => `dynamodb:${operation}`),
    resources: [table.tableArn],
  });
