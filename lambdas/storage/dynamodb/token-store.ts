import { createHash } from "node:crypto";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { TokenStore } from "../../ball/grant.ts";

const tokenItem = z.object({
  bucket: z.string().min(1),
  expiresAtEpochSeconds: z.number().optional(),
});

/** Tokens in a DynamoDB table. */
export function createTokenStore(dynamoDb: DynamoDBDocumentClient, tableName: string): TokenStore {
  return {
    async findGrant(token, now) {
      const command = new GetCommand({ TableName: tableName, Key: { tokenHash: hashToken(token) } });
      const { Item } = await dynamoDb.send(command);
      if (Item === undefined) return undefined;
      const { bucket, expiresAtEpochSeconds = Number.POSITIVE_INFINITY } = tokenItem.parse(Item);
      return now.getTime() < expiresAtEpochSeconds * 1000 ? { bucket } : undefined;
    },
  };
}

/** Key of a token's item: its SHA-256 in hexadecimal. Tokens are random, so that no slow hash is needed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}
