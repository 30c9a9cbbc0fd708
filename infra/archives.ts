import { Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { defaultLifetimes } from "../lambdas/env.ts";
import type { Settings } from "./settings.ts";

/**
 * Makes the bucket of assembled archives. It forgets: archives some days after the last link to them has ended, and at
 * once what is removed, since it keeps no versions.
 */
export function makeArchives(scope: Construct, settings: Settings, removalPolicy: RemovalPolicy): Bucket {
  const bucket = new Bucket(scope, "Archives", {
    removalPolicy,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    ...encryption(scope, settings.archivesKmsKeyArn),
    enforceSSL: true,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [
      {
        expiration: daysToKeep(settings),
        // Workers abort the uploads of what failed; this is for what no worker is left to do.
        abortIncompleteMultipartUploadAfter: Duration.days(2),
      },
    ],
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "Archives are copies that expire, reached by short-lived links alone: each was handed out by a request that is logged.",
  });
  return bucket;
}

/** Its ARN as cdk-nag writes it in the ids of its findings, by the id that CloudFormation knows the bucket by. */
export const archivesArnInFindings = "<StorageArchives4397715D.Arn>";

/** A bucket key spares a request to KMS for every part. */
const encryption = (scope: Construct, keyArn: string | undefined): BucketProps =>
  keyArn === undefined
    ? { encryption: BucketEncryption.S3_MANAGED }
    : {
        encryption: BucketEncryption.KMS,
        encryptionKey: Key.fromKeyArn(scope, "ArchivesKey", keyArn),
        bucketKeyEnabled: true,
      };

/**
 * As long as a ball may live, and a day more for the link that was made at its end. S3 counts from when an upload was
 * begun, which is after the ball was made.
 */
function daysToKeep(settings: Settings): Duration {
  const {
    ballLifetimeSeconds: ball = defaultLifetimes.ballSeconds,
    zipDownloadStartSeconds: start = defaultLifetimes.zipDownloadStartSeconds,
    zipDownloadStatusSeconds: status = defaultLifetimes.zipDownloadStatusSeconds,
  } = settings;
  return Duration.days(Math.ceil(Math.max(ball, start + status) / secondsOfDay) + 1);
}

const secondsOfDay = 24 * 3600;
