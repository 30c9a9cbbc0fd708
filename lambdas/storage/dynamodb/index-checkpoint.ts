import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { backfillSubject } from "./catalog-items.ts";

/** How far the indexing of a bucket has come, so that one that was stopped can go on. */
export interface IndexCheckpoint {
  /** The key behind which there is more to do; undefined where nothing was begun. */
  read(): Promise<string | undefined>;
  write(lastKey: string): Promise<void>;
  remove(): Promise<void>;
}

export interface IndexCheckpointOptions {
  readonly bucket: string;
  readonly prefix: string;
  /** Names what is done: each kind of work has a checkpoint of its own. */
  readonly work: string;
}

const checkpointItem = z.object({ lastKey: z.string() });

/** A checkpoint in the catalog's table: one item. */
export function createIndexCheckpoint(
  dynamoDb: DynamoDBDocumentClient,
  tableName: string,
  { bucket, prefix, work }: IndexCheckpointOptions,
): IndexCheckpoint {
  const Key = { subject: backfillSubject(bucket, prefix), item: work };
  return {
    async read() {
      const { Item } = await dynamoDb.send(
        new GetCommand({ TableName: tableName, Key, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : checkpointItem.parse(Item).lastKey;
    },
    async write(lastKey) {
      await dynamoDb.send(new PutCommand({ TableName: tableName, Item: { ...Key, lastKey } }));
    },
    async remove() {
      await dynamoDb.send(new DeleteCommand({ TableName: tableName, Key }));
    },
  };
}
