import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { HoldLimiter } from "../../ball/hold-limiter.ts";
import { countInWindow } from "./count-in-window.ts";

/** Requests for one ball that may begin to be held in one window. */
export const mostHeldPerBall = 4;
/** The same for all balls that were made with one token. */
export const mostHeldPerToken = 32;

/**
 * Held requests, counted in a DynamoDB table by windows as long as one is held, so that who comes back for another turn
 * counts in the next one. A request that its ball has too many of takes nothing from the token's other balls.
 */
export function createHoldLimiter(
  dynamoDb: DynamoDBDocumentClient,
  tableName: string,
  holdSeconds: number,
): HoldLimiter {
  return {
    async admit({ ballId, tokenId }, now) {
      const isWithin = async (subject: string, most: number) => {
        const window = { subject: `held ${subject}`, seconds: holdSeconds };
        return (await countInWindow(dynamoDb, tableName, window, now)).requestCount <= most;
      };
      return (
        (await isWithin(`ball ${ballId}`, mostHeldPerBall)) && isWithin(`token ${tokenId}`, mostHeldPerToken)
      );
    },
  };
}
