import { setTimeout as delay } from "node:timers/promises";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import type { Ball, BallStore, Plan, SentRange } from "../../ball/ball.ts";
import { Crc32Column } from "../../ball/crc32-column.ts";
import { BallError } from "../../ball/errors.ts";
import type { Manifest } from "../../ball/manifest.ts";
import {
  crc32Item,
  decodeCrc32Item,
  decodeHead,
  decodeManifestChunk,
  decodeSentRange,
  encodeHead,
  encodePlan,
  encodeSentRange,
  headItem,
  manifestItem,
  removableAt,
  sentItems,
} from "./ball-items.ts";
import { BallTable, type Condition, type Item } from "./ball-table.ts";
import {
  crc32ChunkCount,
  decodeCrc32Chunk,
  encodeCrc32Chunk,
  entriesPerChunk,
  knownCountOfChunk,
} from "./crc32-chunks.ts";
import { decodeManifestChunks, encodeManifestChunks } from "./manifest-chunks.ts";

/** Items of one ball written or read at a time. */
const concurrency = 3;
/** How often CRC-32s are added to an item that others add to at the same time: with the pauses some 15 s. */
const addAttempts = 36;
const longestPauseMs = 1000;

/** Balls in a DynamoDB table. */
export function createBallStore(dynamoDb: DynamoDBDocumentClient, tableName: string): BallStore {
  return new DynamoDbBallStore(new BallTable(dynamoDb, tableName));
}

class DynamoDbBallStore implements BallStore {
  readonly #table: BallTable;

  constructor(table: BallTable) {
    this.#table = table;
  }

  async put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void> {
    const chunks = [...(await manifestItems(ball, manifest)), ...crc32Items(ball, crc32s)];
    const head = { ...encodeHead(ball), ballId: ball.ballId, item: headItem };
    const begun: Promise<void>[] = [];
    const put = (item: Item) => {
      const writing = this.#table.put(item);
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
  async #remove(head: StoredItem, chunks: readonly StoredItem[]): Promise<void> {
    const remove = ({ ballId, item }: StoredItem) => this.#table.delete(ballId, item);
    try {
      await remove(head);
      await pMap(chunks, remove, { concurrency });
    } catch {
      // The failure that led here is the one to report.
    }
  }

  async remove({ ballId }: Ball): Promise<void> {
    // Its chunks are not looked for: nothing leads to them, and they go with their TTL.
    await this.#table.delete(ballId, headItem);
  }

  async get(ballId: string): Promise<Ball | undefined> {
    const item = await this.#table.get(ballId, headItem);
    return item === undefined ? undefined : decodeHead(item);
  }

  async getManifest(ball: Ball): Promise<Manifest> {
    const readChunk = async (chunk: number) =>
      decodeManifestChunk(await this.#table.get(ball.ballId, manifestItem(ball, chunk)));
    const first = await readChunk(0);
    const others = await pMap(numbers(first.chunkCount).slice(1), readChunk, { concurrency });
    const chunks = [first, ...others].map(({ bytes }) => bytes);
    return await decodeManifestChunks(chunks, ball.etag);
  }

  async getCrc32s(ball: Ball): Promise<Crc32Column> {
    const crc32s = new Crc32Column(ball.entryCount);
    const readChunk = async (chunk: number) => {
      const item = await this.#table.get(ball.ballId, crc32Item(ball, chunk));
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

  /** Throws: Error when others always came first. */
  async #addCrc32Chunk(ball: Ball, learned: Crc32Column, chunk: number): Promise<void> {
    for (let attempt = 1; attempt <= addAttempts; attempt += 1) {
      if (await this.#tryToAddCrc32s(ball, learned, chunk)) return;
      // Whoever lost to another steps out of step with the others that lost.
      await delay(Math.random() * Math.min(20 * 2 ** attempt, longestPauseMs));
    }
    const start = chunk * entriesPerChunk;
    const end = Math.min(start + entriesPerChunk, ball.entryCount);
    throw new Error(
      `CRC-32s of entries ${start} to ${end} could not be kept in ${addAttempts} attempts, as others always came first; add them again later`,
    );
  }

  /** Reads, merges and writes one chunk back, unless another wrote it in the meantime: then it is to be tried again. */
  async #tryToAddCrc32s(ball: Ball, learned: Crc32Column, chunk: number): Promise<boolean> {
    const item = await this.#table.get(ball.ballId, crc32Item(ball, chunk));
    const stored = item === undefined ? undefined : decodeCrc32Item(item);
    const merged = new Crc32Column(ball.entryCount);
    merged.merge(learned);
    if (stored !== undefined) decodeCrc32Chunk(stored.bytes, chunk, merged);
    const storedCount = stored?.knownCount ?? 0;
    if (knownCountOfChunk(merged, chunk) === storedCount) return true;
    // The count only grows, so that it tells whether the item is still the one that was read.
    return await this.#table.putIf(crc32ItemOf(ball, merged, chunk), {
      expression: "attribute_not_exists(ballId) OR knownCount = :stored",
      values: { ":stored": storedCount },
    });
  }

  async start(ball: Ball, startedAtEpochSeconds: number): Promise<Ball> {
    const { lifetimeFromStartSeconds, expiresAtEpochSeconds } = ball;
    const linkExpiresAtEpochSeconds =
      lifetimeFromStartSeconds === undefined
        ? expiresAtEpochSeconds
        : startedAtEpochSeconds + lifetimeFromStartSeconds;
    const started = { startedAtEpochSeconds, linkExpiresAtEpochSeconds };
    return await this.#setHead(ball, started, {
      expression: "attribute_exists(ballId) AND attribute_not_exists(startedAtEpochSeconds)",
    });
  }

  async replan(ball: Ball, plan: Plan, manifest: Manifest, crc32s: Crc32Column): Promise<Ball> {
    const planned: Ball = { ...ball, ...plan };
    await pMap(await manifestItems(planned, manifest), (item) => this.#table.put(item), { concurrency });
    // Another request may have come to the same plan: it may know other CRC-32s, and headers have been made of them.
    const isFirst: Condition = { expression: "attribute_not_exists(ballId)" };
    const items = crc32Items(planned, crc32s);
    await pMap(items, (item) => this.#table.putIf(item, isFirst), { concurrency });
    // What nobody comes to name as the ball's plan can not be found, and goes with its TTL.
    return await this.#setHead(ball, encodePlan(plan), {
      expression: "planNumber = :replaced",
      values: { ":replaced": ball.planNumber },
    });
  }

  /** Sets attributes of the head unless the condition does not hold, and answers the ball as it is then. */
  async #setHead({ ballId }: Ball, attributes: Item, condition: Condition): Promise<Ball> {
    const item =
      (await this.#table.setIf(ballId, headItem, attributes, condition)) ??
      (await this.#table.get(ballId, headItem));
    if (item === undefined) throw new BallError("ball-not-found", "There is no such ball any more");
    return decodeHead(item);
  }

  async keepSentRange(ball: Ball, sent: SentRange): Promise<void> {
    await this.#table.put(encodeSentRange(ball, sent));
  }

  async sentRanges(ball: Ball): Promise<readonly SentRange[]> {
    return (await this.#table.list(ball.ballId, sentItems(ball))).map(decodeSentRange);
  }
}

interface StoredItem extends Item {
  readonly ballId: string;
  readonly item: string;
}

async function manifestItems(ball: Ball, manifest: Manifest): Promise<StoredItem[]> {
  const chunks = await encodeManifestChunks(manifest);
  return chunks.map((bytes, chunk) => ({
    ballId: ball.ballId,
    item: manifestItem(ball, chunk),
    bytes,
    chunkCount: chunks.length,
    expiresAtEpochSeconds: removableAt(ball),
  }));
}

function crc32Items(ball: Ball, crc32s: Crc32Column): StoredItem[] {
  return numbers(crc32ChunkCount(crc32s.entryCount)).map((chunk) => crc32ItemOf(ball, crc32s, chunk));
}

function crc32ItemOf(ball: Ball, crc32s: Crc32Column, chunk: number): StoredItem {
  return {
    ballId: ball.ballId,
    item: crc32Item(ball, chunk),
    bytes: encodeCrc32Chunk(crc32s, chunk),
    knownCount: knownCountOfChunk(crc32s, chunk),
    expiresAtEpochSeconds: removableAt(ball),
  };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
