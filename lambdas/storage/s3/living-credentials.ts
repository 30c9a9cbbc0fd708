import type { S3Client } from "@aws-sdk/client-s3";
import { BallError } from "../../ball/errors.ts";

/** Credentials that live no longer than this are renewed before anything is signed that is to last. */
const soonOverSeconds = 60;
/** What is signed ends so long before what signs it: S3's clock may be ahead of this one. */
const marginSeconds = 5;
/** When to ask again for what could not be signed. */
const retryAfterSeconds = 5;

type Identity = Awaited<ReturnType<S3Client["config"]["credentials"]>>;

/** Credentials to sign with, and how long what they sign works. */
export interface LivingCredentials {
  readonly credentials: Identity;
  /** At least 1; infinite where it is not known when they end, as of those in a Lambda's environment. */
  readonly leftSeconds: number;
}

/**
 * The client's credentials, renewed where they are soon over.
 * Throws: BallError("archive-unreadable") when there are none, or they are over and their provider has no others.
 */
export async function livingCredentials({ config }: S3Client, now: Date): Promise<LivingCredentials> {
  try {
    const given = await config.credentials();
    const isSoonOver = leftSecondsOf(given, now) < soonOverSeconds;
    const credentials = isSoonOver ? await config.credentials({ forceRefresh: true }) : given;
    const leftSeconds = leftSecondsOf(credentials, now);
    if (leftSeconds < 1)
      throw new Error(`The credentials are over: ${credentials.expiration?.toISOString()}`);
    return { credentials, leftSeconds };
  } catch (cause) {
    const message =
      "No link to the archive can be made: this service has no credentials that live on; ask again";
    throw new BallError("archive-unreadable", message, { cause, retryAfterSeconds });
  }
}

function leftSecondsOf({ expiration }: Identity, now: Date): number {
  if (expiration === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor((expiration.getTime() - now.getTime()) / 1000) - marginSeconds;
}
