import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { RateLimiter } from "../../ball/rate-limiter.ts";
import { countInWindow } from "./count-in-window.ts";

const windowSeconds = 60;

/** Requests of each token, counted minute by minute in a DynamoDB table. */
export function createRateLimiter(dynamoDb: DynamoDBDocumentClient, tableName: string): RateLimiter {
  return {
    async count({ tokenId, requestsPerMinute: limit }, now) {
      const window = { subject: tokenId, seconds: windowSeconds };
      const { requestCount, endEpochSeconds } = await countInWindow(dynamoDb, tableName, window, now);
      return { limit, remaining: limit - requestCount, resetEpochSeconds: endEpochSeconds };
    },
  };
}
