import { setTimeout as delay } from "node:timers/promises";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import type { Ball, BallStore } from "../../ball/ball.ts";
import { Crc32Column } from "../../ball/crc32-column.ts";
import type { Manifest } from "../../ball/manifest.ts";
import {
  crc32Item,
  decodeCrc32Item,
  decodeHead,
  decodeManifestChunk,
  encodeHead,
  headItem,
  manifestItem,
  removableAt,
} from "./ball-items.ts";
import { crc32ChunkCount, decodeCrc32Chunk, encodeCrc32Chunk, knownCountOfChunk } from "./crc32-chunks.ts";
import { decodeManifestChunks, encodeManifestChunks } from "./manifest-chunks.ts";

/** Items of one ball written or read at a time. */
const concurrency = 3;
/** How often CRC-32s are added to an item that others add to at the same time. */
const addAttempts = 20;

/** Balls in a DynamoDB table. */
export function createBallStore(dynamoDb: DynamoDBDocumentClient, tableName: string): BallStore {
  return new DynamoDbBallStore(dynamoDb, tableName);
}

type Item = Record<string, unknown>;

class DynamoDbBallStore implements BallStore {
  readonly #dynamoDb: DynamoDBDocumentClient;
  readonly #tableName: string;

  constructor(dynamoDb: DynamoDBDocumentClient, tableName: string) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
  }

  async put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void> {
    const chunks: Item[] = [...(await manifestItems(manifest)), ...crc32Items(crc32s)].map((item) => ({
      ...item,
      ballId: ball.ballId,
      expiresAtEpochSeconds: removableAt(ball),
    }));
    const head = encodeHead(ball);
    const begun: Promise<void>[] = [];
    const put = (item: Item) => {
      const writing = this.#put(item);
      begun.push(writing);
      return writing;
    };
    try {
      await pMap(chunks, put, { concurrency });
      // Only now can the ball be found.
      await put(head);
    } catch (error) {
      // What is still on its way would arrive behind its removal.
      await Promise.allSettled(begun);
      await this.#remove(head, chunks);
      throw error;
    }
  }

  /**
   * Takes back what could be written. A put that failed may have been carried out, so the head goes first: without
   * it nothing can be found, and what can not be removed goes with its TTL.
   */
  async #remove(head: Item, chunks: readonly Item[]): Promise<void> {
    try {
      await this.#delete(head);
      await pMap(chunks, (item) => this.#delete(item), { concurrency });
    } catch {
      // The failure that led here is the one to report.
    }
  }

  async get(ballId: string): Promise<Ball | undefined> {
    const item = await this.#get(ballId, headItem);
    return item === undefined ? undefined : decodeHead(item);
  }

  async getManifest(ball: Ball): Promise<Manifest> {
    const first = decodeManifestChunk(await this.#get(ball.ballId, manifestItem(0)));
    const others = await pMap(
      numbers(first.chunkCount).slice(1),
      async (chunk) => decodeManifestChunk(await this.#get(ball.ballId, manifestItem(chunk))),
      { concurrency },
    );
    const chunks = [first, ...others].map(({ bytes }) => bytes);
    return await decodeManifestChunks(chunks, ball.etag);
  }

  async getCrc32s(ball: Ball): Promise<Crc32Column> {
    const crc32s = new Crc32Column(ball.entryCount);
    const readChunk = async (chunk: number) => {
      const item = await this.#get(ball.ballId, crc32Item(chunk));
      if (item !== undefined) decodeCrc32Chunk(decodeCrc32Item(item).bytes, chunk, crc32s);
    };
    await pMap(numbers(crc32ChunkCount(ball.entryCount)), readChunk, { concurrency });
    return crc32s;
  }

  async addCrc32s(ball: Ball, learned: Crc32Column): Promise<void> {
    const chunks = numbers(crc32ChunkCount(ball.entryCount));
    await pMap(
      chunks.filter((chunk) => knownCountOfChunk(learned, chunk) > 0),
      (chunk) => this.#addCrc32Chunk(ball, learned, chunk),
      { concurrency },
    );
  }

  /** Reads, merges and writes one chunk back, again when another download wrote it in the meantime. */
  async #addCrc32Chunk(ball: Ball, learned: Crc32Column, chunk: number): Promise<void> {
    for (let attempt = 1; attempt <= addAttempts; attempt += 1) {
      const item = await this.#get(ball.ballId, crc32Item(chunk));
      const stored = item === undefined ? undefined : decodeCrc32Item(item);
      const merged = new Crc32Column(ball.entryCount);
      merged.merge(learned);
      if (stored !== undefined) decodeCrc32Chunk(stored.bytes, chunk, merged);
      const knownCount = knownCountOfChunk(merged, chunk);
      const storedCount = stored?.knownCount ?? 0;
      if (knownCount === storedCount) return;
      const added = {
        ballId: ball.ballId,
        item: crc32Item(chunk),
        bytes: encodeCrc32Chunk(merged, chunk),
        knownCount,
        expiresAtEpochSeconds: removableAt(ball),
      };
      // The count only grows, so that it tells whether the item is still the one that was read.
      if (await this.#putIfKnownCountIs(added, storedCount)) return;
      // Whoever lost to another steps out of step with the others that lost.
      await delay(Math.random() * attempt * 20);
    }
  }

  async #putIfKnownCountIs(item: Item, storedCount: number): Promise<boolean> {
    try {
      await this.#put(item, "attribute_not_exists(ballId) OR knownCount = :stored", {
        ":stored": storedCount,
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async #get(ballId: string, item: string): Promise<Item | undefined> {
    const command = new GetCommand({
      TableName: this.#tableName,
      Key: { ballId, item },
      ConsistentRead: true,
    });
    return (await this.#dynamoDb.send(command)).Item;
  }

  async #put(item: Item, condition?: string, values?: Item): Promise<void> {
    await this.#dynamoDb.send(
      new PutCommand({
        TableName: this.#tableName,
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    );
  }

  async #delete({ ballId, item }: Item): Promise<void> {
    await this.#dynamoDb.send(new DeleteCommand({ TableName: this.#tableName, Key: { ballId, item } }));
  }
}

async function manifestItems(manifest: Manifest): Promise<Item[]> {
  const chunks = await encodeManifestChunks(manifest);
  return chunks.map((bytes, chunk) => ({ item: manifestItem(chunk), bytes, chunkCount: chunks.length }));
}

function crc32Items(crc32s: Crc32Column): Item[] {
  return numbers(crc32ChunkCount(crc32s.entryCount)).map((chunk) => ({
    item: crc32Item(chunk),
    bytes: encodeCrc32Chunk(crc32s, chunk),
    knownCount: knownCountOfChunk(crc32s, chunk),
  }));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
