import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";

/** How long a window's item is kept after its end, for clocks that are late. */
const keptSeconds = 600;
/** A request waits no longer than this to be counted. */
const countingTimeoutMs = 1_000;

const updated = z.object({ requestCount: z.number().int() });

/** Whose requests are counted, and over what time. */
export interface Window {
  readonly subject: string;
  readonly seconds: number;
}

/** What was counted of a window by now. */
export interface WindowCount {
  /** Requests, with the one that was counted last. */
  readonly requestCount: number;
  /** When the next window begins. */
  readonly endEpochSeconds: number;
}

/**
 * Counts one request in a DynamoDB table: one item for each subject and window, `window` = `<subject>#<number>`, and one
 * atomic addition for each request. Throws when it can not be counted in time.
 */
export async function countInWindow(
  dynamoDb: DynamoDBDocumentClient,
  tableName: string,
  { subject, seconds }: Window,
  now: Date,
): Promise<WindowCount> {
  const number = Math.floor(now.getTime() / 1000 / seconds);
  const endEpochSeconds = (number + 1) * seconds;
  const command = new UpdateCommand({
    TableName: tableName,
    Key: { window: `${subject}#${number}` },
    UpdateExpression: "ADD requestCount :one SET expiresAtEpochSeconds = :expires",
    ExpressionAttributeValues: { ":one": 1, ":expires": endEpochSeconds + keptSeconds },
    ReturnValues: "UPDATED_NEW",
  });
  const { Attributes } = await dynamoDb.send(command, {
    abortSignal: AbortSignal.timeout(countingTimeoutMs),
  });
  return { requestCount: updated.parse(Attributes).requestCount, endEpochSeconds };
}
