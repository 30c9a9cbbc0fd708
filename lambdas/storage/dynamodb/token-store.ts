import { createHash } from "node:crypto";
import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { TokenStore } from "../../ball/grant.ts";

/** The item of one token, under its digest in `tokenHash`. */
const tokenItem = z.object({
  bucket: z.string().min(1),
  /** Keys it may read begin with one of these. None at all: the whole bucket. An empty list: nothing. */
  prefixes: z.array(z.string()).default([""]),
  requestsPerMinute: z.number().int().positive().optional(),
  /** From this second on the token is not valid; it is the table's TTL attribute too. */
  expiresAtEpochSeconds: z.number().default(Number.POSITIVE_INFINITY),
});

interface TokenTable {
  readonly tableName: string;
  /** Of a token whose item says nothing of it. */
  readonly requestsPerMinute: number;
}

/** Tokens in a DynamoDB table. */
export function createTokenStore(dynamoDb: DynamoDBDocumentClient, table: TokenTable): TokenStore {
  return {
    async findGrant(token, now) {
      const tokenHash = hashToken(token);
      const command = new GetCommand({ TableName: table.tableName, Key: { tokenHash } });
      const { Item } = await dynamoDb.send(command);
      if (Item === undefined) return undefined;
      const { expiresAtEpochSeconds, ...granted } = tokenItem.parse(Item);
      if (now.getTime() >= expiresAtEpochSeconds * 1000) return undefined;
      const { bucket, prefixes, requestsPerMinute = table.requestsPerMinute } = granted;
      return { tokenId: tokenHash, bucket, prefixes, requestsPerMinute };
    },
  };
}

/** Key of a token's item: its SHA-256 in hexadecimal. Tokens are random, so that no slow hash is needed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}
