import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type {
  AssembledArchive,
  Assembly,
  AssemblyStore,
  BegunAssembly,
  GroupName,
  GroupProgress,
  WorkerId,
} from "../../ball/assembly.ts";
import type { Ball } from "../../ball/ball.ts";
import { BallError } from "../../ball/errors.ts";
import {
  assemblyItem,
  decodeAssembly,
  decodeGroup,
  encodeAssembly,
  encodeProgress,
  groupItem,
  groupItems,
} from "./assembly-items.ts";
import { removableAt } from "./ball-items.ts";
import { allOf, anyOf, BallTable, type Condition, type Item } from "./ball-table.ts";

/** Assemblies in the table of balls. Each method is one conditional write, and a read when its condition does not hold. */
export function createAssemblyStore(dynamoDb: DynamoDBDocumentClient, tableName: string): AssemblyStore {
  return new DynamoDbAssemblyStore(new BallTable(dynamoDb, tableName));
}

class DynamoDbAssemblyStore implements AssemblyStore {
  readonly #table: BallTable;

  constructor(table: BallTable) {
    this.#table = table;
  }

  async find(ball: Ball): Promise<Assembly | undefined> {
    const item = await this.#table.get(ball.ballId, assemblyItem(ball));
    return item === undefined ? undefined : decodeAssembly(item);
  }

  async begin(
    ball: Ball,
    { attempt, uploadId, groupCount, partsDigest, begunAtEpochSeconds }: BegunAssembly,
  ): Promise<Assembly> {
    const assembly: Assembly = {
      ...{ attempt, uploadId, groupCount, partsDigest, begunAtEpochSeconds },
      planEtag: ball.etag,
      state: "assembling",
      failure: undefined,
      failedBy: undefined,
      archive: undefined,
      handedOutAtEpochSeconds: undefined,
    };
    const item = { ...encodeAssembly(assembly), ...keysOf(ball, assemblyItem(ball)) };
    const isNext = anyOf(isNew, allOf(isBefore(attempt), isFailed));
    return (await this.#table.putIf(item, isNext)) ? assembly : await this.#present(ball);
  }

  async complete(ball: Ball, attempt: number, archive: AssembledArchive): Promise<Assembly> {
    const { key, etag, lengthBytes, lastModifiedEpochSeconds } = archive;
    const assembled = { key, etag, lengthBytes, lastModifiedEpochSeconds };
    return await this.#setAssembly(ball, { assembled }, isUnderWay(attempt));
  }

  async fail(ball: Ball, attempt: number, failure: string, failedBy: string): Promise<Assembly> {
    return await this.#setAssembly(ball, { failure, failedBy }, isUnderWay(attempt));
  }

  async handOut(ball: Ball, atEpochSeconds: number): Promise<void> {
    const handedOut = { handedOutAtEpochSeconds: atEpochSeconds };
    await this.#table.setIf(ball.ballId, assemblyItem(ball), handedOut, allOf(isComplete, isNotHandedOut));
  }

  async lease(
    name: GroupName,
    worker: WorkerId,
    { nowEpochMs, untilEpochMs }: { readonly nowEpochMs: number; readonly untilEpochMs: number },
  ): Promise<GroupProgress | "taken" | "done"> {
    const { ballId } = name.ball;
    const { expiresAtEpochSeconds } = keysOf(name.ball, groupItem(name));
    const leased = { group: name.group, worker, leasedUntilEpochMs: untilEpochMs, expiresAtEpochSeconds };
    const isFree = anyOf(isNew, allOf(isUndone, anyOf(isHeldBy(worker), isLeaseOver(nowEpochMs))));
    const item = await this.#table.setIf(ballId, groupItem(name), leased, isFree);
    if (item !== undefined) return decodeGroup(item);
    const refused = await this.#table.get(ballId, groupItem(name));
    return refused !== undefined && decodeGroup(refused).isDone ? "done" : "taken";
  }

  async renew(
    name: GroupName,
    worker: WorkerId,
    progress: Omit<GroupProgress, "group">,
    untilEpochMs: number,
  ): Promise<boolean> {
    const renewed = { ...encodeProgress(progress), leasedUntilEpochMs: untilEpochMs };
    const { ballId } = name.ball;
    // Held until another takes it: who was late, and whom the SDK repeats, still has it.
    return (await this.#table.setIf(ballId, groupItem(name), renewed, isHeldBy(worker))) !== undefined;
  }

  async groups(ball: Ball, attempt: number): Promise<readonly GroupProgress[]> {
    return (await this.#table.list(ball.ballId, groupItems(ball, attempt))).map(decodeGroup);
  }

  /** Sets attributes of the assembly unless the condition does not hold, and answers it as it is then. */
  async #setAssembly(ball: Ball, attributes: Item, condition: Condition): Promise<Assembly> {
    const item = await this.#table.setIf(ball.ballId, assemblyItem(ball), attributes, condition);
    return item === undefined ? await this.#present(ball) : decodeAssembly(item);
  }

  async #present(ball: Ball): Promise<Assembly> {
    const assembly = await this.find(ball);
    if (assembly === undefined) throw new BallError("ball-not-found", "There is no such assembly any more");
    return assembly;
  }
}

function keysOf(ball: Ball, item: string) {
  return { ballId: ball.ballId, item, expiresAtEpochSeconds: removableAt(ball) };
}

const isNew: Condition = { expression: "attribute_not_exists(ballId)" };
const isFailed: Condition = { expression: "attribute_exists(failure)" };
const isComplete: Condition = { expression: "attribute_exists(assembled)" };
const isNotHandedOut: Condition = { expression: "attribute_not_exists(handedOutAtEpochSeconds)" };

const isBefore = (attempt: number): Condition => ({
  expression: "attempt < :begun",
  values: { ":begun": attempt },
});

/** It is the latest attempt, and neither failed nor complete. */
const isUnderWay = (attempt: number): Condition => ({
  expression: "attempt = :attempt AND attribute_not_exists(failure) AND attribute_not_exists(assembled)",
  values: { ":attempt": attempt },
});

/** Who leased it has not told otherwise. */
const isUndone: Condition = {
  expression: "attribute_not_exists(isDone) OR isDone = :undone",
  values: { ":undone": false },
};

const isHeldBy = (worker: WorkerId): Condition => ({
  expression: "worker = :holder",
  values: { ":holder": worker },
});

const isLeaseOver = (nowEpochMs: number): Condition => ({
  expression: "leasedUntilEpochMs <= :now",
  values: { ":now": nowEpochMs },
});
