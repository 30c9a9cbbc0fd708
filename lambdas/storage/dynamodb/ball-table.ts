import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

export type Item = Record<string, unknown>;

/** What has to hold of the item that is there, or of there being none, for a write to be carried out. */
export interface Condition {
  readonly expression: string;
  /** Values by the names they have in the expression, `:name`. */
  readonly values?: Item;
}

/** Conditions that all have to hold. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return joined(conditions, " AND ");
}

/** Conditions of which one has to hold. */
export function anyOf(...conditions: readonly Condition[]): Condition {
  return joined(conditions, " OR ");
}

function joined(conditions: readonly Condition[], operator: string): Condition {
  const values: Item = Object.assign({}, ...conditions.map((condition) => condition.values));
  return {
    expression: conditions.map(({ expression }) => `(${expression})`).join(operator),
    // DynamoDB takes none rather than an empty list.
    ...(Object.keys(values).length > 0 && { values }),
  };
}

/** The items of balls in a DynamoDB table. Every read sees what was written before it. */
export class BallTable {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(dynamoDb: DynamoDBDocumentClient, tableName: string) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
  }

  async get(ballId: string, item: string): Promise<Item | undefined> {
    const Key = { ballId, item };
    const command = new GetCommand({ TableName: this.#tableName, Key, ConsistentRead: true });
    return (await this.#dynamoDb.send(command)).Item;
  }

  /** All items of a ball whose name begins with `prefix`. */
  async list(ballId: string, prefix: string): Promise<Item[]> {
    const pages = paginateQuery(
      { client: this.#dynamoDb },
      {
        TableName: this.#tableName,
        KeyConditionExpression: "ballId = :ballId AND begins_with(#item, :prefix)",
        ExpressionAttributeNames: { "#item": "item" },
        ExpressionAttributeValues: { ":ballId": ballId, ":prefix": prefix },
        ConsistentRead: true,
      },
    );
    const items: Item[] = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  }

  async put(item: Item): Promise<void> {
    await this.#dynamoDb.send(new PutCommand({ TableName: this.#tableName, Item: item }));
  }

  /** Puts the item unless the condition does not hold, and says whether it did. */
  async putIf(item: Item, { expression, values }: Condition): Promise<boolean> {
    const command = new PutCommand({
      TableName: this.#tableName,
      Item: item,
      ConditionExpression: expression,
      ExpressionAttributeValues: values,
    });
    return (await unlessRefused(this.#dynamoDb.send(command))) !== undefined;
  }

  /** Sets attributes of an item and answers all of it; undefined, with nothing set, when the condition does not hold. */
  async setIf(
    ballId: string,
    item: string,
    attributes: Item,
    { expression, values = {} }: Condition,
  ): Promise<Item | undefined> {
    const names = Object.keys(attributes);
    const command = new UpdateCommand({
      TableName: this.#tableName,
      Key: { ballId, item },
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
      ConditionExpression: expression,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]])),
        ...values,
      },
      ReturnValues: "ALL_NEW",
    });
    return (await unlessRefused(this.#dynamoDb.send(command)))?.Attributes;
  }

  async delete(ballId: string, item: string): Promise<void> {
    await this.#dynamoDb.send(new DeleteCommand({ TableName: this.#tableName, Key: { ballId, item } }));
  }
}

/** undefined for a write whose condition did not hold. */
async function unlessRefused<Answer>(writing: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
