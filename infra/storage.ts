import { Aws, Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { AttributeType, Billing, type TablePropsV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { makeArchives } from "./archives.ts";
import type { Settings } from "./settings.ts";

/** A bucket as permissions name it, be it the stack's own or an existing one. */
export interface SourceBucket {
  readonly name: string;
  readonly arn: string;
  /** The ARN as cdk-nag writes it in the ids of its findings. */
  readonly arnInFindings: string;
}

/** What the functions read and write: the buckets of sources and archives, and a table for each thing that is kept. */
export class Storage extends Construct {
  readonly sourceBuckets: readonly SourceBucket[];
  /** Assembled archives, each for as long as its ball lives. */
  readonly archives: Bucket;
  readonly balls: TableV2;
  readonly tokens: TableV2;
  /** Versions of objects, and the CRC-32s learned of them. */
  readonly catalog: TableV2;
  /** Requests of a token in one minute. */
  readonly rates: TableV2;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const removalPolicy = removalPolicies[settings.removal];

    this.sourceBuckets =
      settings.sourceBuckets.length === 0
        ? [this.makeSourceBucket(removalPolicy)]
        : settings.sourceBuckets.map((name) => existingBucket(name));

    this.archives = makeArchives(this, settings, removalPolicy);

    const table = (name: string, keys: TableKeys): TableV2 =>
      new TableV2(this, name, { ...tableDefaults, ...keys, removalPolicy });

    // `item` tells a ball's state from the chunks of its manifest.
    this.balls = table("Balls", { ...keysNamed("ballId", "item"), ...expiring });
    this.tokens = table("Tokens", { ...keysNamed("tokenHash"), ...expiring });
    // Nothing in it expires: a version's number and id are promises to callers.
    this.catalog = table("Catalog", keysNamed("subject", "item"));
    this.rates = table("Rates", { ...keysNamed("window"), ...expiring });
  }

  private makeSourceBucket(removalPolicy: RemovalPolicy): SourceBucket {
    const bucket = new Bucket(this, "Source", {
      removalPolicy,
      // A manifest pins versions: an object that is overwritten stays readable for the balls that name it.
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
    tellEventBridge(bucket);
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "This stack only reads, through roles of its own; whoever fills the bucket chooses how that is recorded.",
    });
    // The id that CloudFormation knows it by: were it to change, the bucket would be replaced by an empty one.
    return { name: bucket.bucketName, arn: bucket.bucketArn, arnInFindings: "<StorageSource42D3DA3E.Arn>" };
  }
}

/**
 * Sends the bucket's events to EventBridge. Bucket's own `eventBridgeEnabled` would do it by another Lambda function, with
 * a role that may change the notifications of every bucket in the account; CloudFormation does it by itself.
 */
function tellEventBridge(bucket: Bucket): void {
  const made = bucket.node.defaultChild;
  if (!CfnBucket.isCfnBucket(made)) throw new Error("A Bucket is no longer made of a CfnBucket");
  made.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}

const existingBucket = (name: string): SourceBucket => ({
  name,
  arn: `arn:${Aws.PARTITION}:s3:::${name}`,
  arnInFindings: `arn:<AWS::Partition>:s3:::${name}`,
});

/** What `Settings.removal` means to CloudFormation. */
export const removalPolicies = {
  retain: RemovalPolicy.RETAIN,
  destroy: RemovalPolicy.DESTROY,
} as const;

const tableDefaults = {
  billing: Billing.onDemand(),
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
} as const satisfies Partial<TablePropsV2>;

const expiring = { timeToLiveAttribute: "expiresAtEpochSeconds" } as const;

type TableKeys = Pick<TablePropsV2, "partitionKey" | "sortKey" | "timeToLiveAttribute">;

const keysNamed = (partition: string, sort?: string): TableKeys => ({
  partitionKey: { name: partition, type: AttributeType.STRING },
  ...(sort !== undefined && { sortKey: { name: sort, type: AttributeType.STRING } }),
});
