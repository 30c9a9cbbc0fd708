import { Aws, Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { AttributeType, Billing, type TablePropsV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Settings } from "./settings.ts";

/** A bucket as permissions name it, be it the stack's own or an existing one. */
export interface SourceBucket {
  readonly name: string;
  readonly arn: string;
  /** The ARN as cdk-nag writes it in the ids of its findings. */
  readonly arnInFindings: string;
}

/** What the functions read and write: the buckets of sources, the table of balls, the table of tokens. */
export class Storage extends Construct {
  readonly sourceBuckets: readonly SourceBucket[];
  readonly balls: TableV2;
  readonly tokens: TableV2;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const removalPolicy = removalPolicies[settings.removal];

    this.sourceBuckets =
      settings.sourceBuckets.length === 0
        ? [this.makeSourceBucket(removalPolicy)]
        : settings.sourceBuckets.map((name) => existingBucket(name));

    this.balls = new TableV2(this, "Balls", {
      ...tableDefaults,
      removalPolicy,
      partitionKey: { name: "ballId", type: AttributeType.STRING },
      // `item` tells a ball's state from the chunks of its manifest.
      sortKey: { name: "item", type: AttributeType.STRING },
    });

    this.tokens = new TableV2(this, "Tokens", {
      ...tableDefaults,
      removalPolicy,
      partitionKey: { name: "tokenHash", type: AttributeType.STRING },
    });
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
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "This stack only reads, through two roles; whoever fills the bucket chooses how that is recorded.",
    });
    // The id that CloudFormation knows it by: were it to change, the bucket would be replaced by an empty one.
    return { name: bucket.bucketName, arn: bucket.bucketArn, arnInFindings: "<StorageSource42D3DA3E.Arn>" };
  }
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
  timeToLiveAttribute: "expiresAtEpochSeconds",
} as const satisfies Partial<TablePropsV2>;
