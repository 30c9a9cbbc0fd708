import { createHash } from "node:crypto";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";

/** What the bearer of a token may do. */
export interface Grant {
  /** The one bucket the token names; every API path is a key in it. */
  readonly bucket: string;
}

/** Tokens in a DynamoDB table, found by their digest alone: nobody who reads the table learns a token. */
export interface TokenStore {
  /** The grant of a bearer token; undefined for a token that is not known, or no longer valid at `now`. */
  findGrant(token: string, now: Date): Promise<Grant | undefined>;
}

const tokenItem = z.object({
  bucket: z.string().min(1),
  expiresAtEpochSeconds: z.number().optional(),
});

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
