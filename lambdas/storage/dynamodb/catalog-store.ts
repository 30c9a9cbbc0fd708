import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { CatalogedVersion } from "../../catalog/object-version.ts";
import type { CatalogStore, ObjectPath } from "../../catalog/ports.ts";
import { getItems } from "./batches.ts";
import {
  decodeVersion,
  encodeVersion,
  idItem,
  idSubject,
  pathOfIdAttributes,
  pathSubject,
  versionItem,
  versionItemPrefix,
} from "./catalog-items.ts";

/** The catalog of object versions in a DynamoDB table. */
export function createCatalogStore(dynamoDb: DynamoDBDocumentClient, tableName: string): CatalogStore {
  return new DynamoDbCatalogStore(dynamoDb, tableName);
}

class DynamoDbCatalogStore implements CatalogStore {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(dynamoDb: DynamoDBDocumentClient, tableName: string) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
  }

  async versionsOf(bucket: string, key: string): Promise<CatalogedVersion[]> {
    const pages = paginateQuery(
      { client: this.#dynamoDb },
      {
        TableName: this.#tableName,
        KeyConditionExpression: "#subject = :subject AND begins_with(#item, :version)",
        ExpressionAttributeNames: { "#subject": "subject", "#item": "item" },
        ExpressionAttributeValues: { ":subject": pathSubject(bucket, key), ":version": versionItemPrefix },
        ConsistentRead: true,
      },
    );
    const versions: CatalogedVersion[] = [];
    for await (const { Items = [] } of pages) {
      versions.push(...Items.map((item) => decodeVersion(bucket, key, item)));
    }
    return versions;
  }

  async firstVersionsOf(bucket: string, keys: readonly string[]): Promise<CatalogedVersion[]> {
    const byItem = new Map(keys.map((key) => [pathSubject(bucket, key), key]));
    const items = await getItems(
      { dynamoDb: this.#dynamoDb, tableName: this.#tableName, signal: undefined },
      [...byItem.keys()].map((subject) => ({ subject, item: versionItem(1) })),
    );
    return items.map((item) => decodeVersion(bucket, byItem.get(String(item.subject)) ?? "", item));
  }

  async add(version: CatalogedVersion): Promise<boolean> {
    const { id, bucket, key } = version;
    // Ahead of the version; and again by whoever else adds it, for an id is that of one path for ever.
    await this.#put({ subject: idSubject(id), item: idItem, bucket, key });
    try {
      await this.#put(encodeVersion(version), "attribute_not_exists(subject)");
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async pathsOfIds(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, ObjectPath>> {
    const idOf = new Map(Array.from(ids, (id) => [idSubject(id), id]));
    const items = await getItems(
      {
        dynamoDb: this.#dynamoDb,
        tableName: this.#tableName,
        signal: undefined,
        isReadConsistently: true,
      },
      [...idOf.keys()].map((subject) => ({ subject, item: idItem })),
    );
    return new Map(
      items.map((item) => [idOf.get(String(item.subject)) ?? "", pathOfIdAttributes.parse(item)]),
    );
  }

  async #put(item: Record<string, unknown>, condition?: string): Promise<void> {
    await this.#dynamoDb.send(
      new PutCommand({ TableName: this.#tableName, Item: item, ConditionExpression: condition }),
    );
  }
}
