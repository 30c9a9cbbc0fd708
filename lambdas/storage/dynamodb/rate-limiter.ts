import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { RateLimiter } from "../../ball/rate-limiter.ts";

const windowSeconds = 60;
/** How long a window's item is kept after its end, for clocks that are late. */
const keptSeconds = 600;
/** A request waits no longer than this to be counted. */
const countingTimeoutMs = 1_000;

const updated = z.object({ requestCount: z.number().int() });

/**
 * Requests counted in a DynamoDB table: one item for each token and minute, `window` = `<token id>#<minute>`, and one
 * atomic addition for each request.
 */
export function createRateLimiter(dynamoDb: DynamoDBDocumentClient, tableName: string): RateLimiter {
  return {
    async count(grant, now) {
      const minute = Math.floor(now.getTime() / 1000 / windowSeconds);
      const resetEpochSeconds = (minute + 1) * windowSeconds;
      const command = new UpdateCommand({
        TableName: tableName,
        Key: { window: `${grant.tokenId}#${minute}` },
        UpdateExpression: "ADD requestCount :one SET expiresAtEpochSeconds = :expires",
        ExpressionAttributeValues: { ":one": 1, ":expires": resetEpochSeconds + keptSeconds },
        ReturnValues: "UPDATED_NEW",
      });
      const abortSignal = AbortSignal.timeout(countingTimeoutMs);
      const { Attributes } = await dynamoDb.send(command, { abortSignal });
      const limit = grant.requestsPerMinute;
      return { limit, remaining: limit - updated.parse(Attributes).requestCount, resetEpochSeconds };
    },
  };
}
