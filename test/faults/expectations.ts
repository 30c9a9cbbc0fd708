import { expect } from "vitest";
import { BallError, type BallErrorCode } from "../../lambdas/ball/errors.ts";
import type { Outcome } from "./faulty-ball.ts";

/** Every byte came, and no other. `context` is told with what is not so. */
export function expectWhole(
  { isRight, receivedBytes, expectedBytes, error }: Outcome,
  context?: string,
): void {
  expect(error, context).toBeUndefined();
  expect({ isRight, receivedBytes }, context).toEqual({ isRight: true, receivedBytes: expectedBytes });
}

/** What a download should have failed with. */
interface Failure {
  readonly code: BallErrorCode;
  /** Of the object that could not be read; any unless it is said. */
  readonly key?: string | undefined;
}

/** It failed so, and what came before are the first bytes of the archive, and not all. */
export function expectBroken(outcome: Outcome, failure: Failure): void {
  expectFailed(outcome, failure);
  expect(outcome.isRight).toBe(true);
}

/**
 * It failed so before all had come, and says where: at a byte of that object in the archive that had not come yet.
 * What had left may have been wrong: nobody could take it back.
 */
export function expectFailed(outcome: Outcome, { code, key = expect.any(String) }: Failure): void {
  const { receivedBytes, expectedBytes, error } = outcome;
  expect(error).toMatchObject({ name: "BallError", code, place: { key, entryName: key } });
  expect(receivedBytes).toBeLessThan(expectedBytes);
  const offset = error instanceof BallError ? error.place?.offset : undefined;
  expect(offset).toBeGreaterThanOrEqual(receivedBytes);
  expect(offset).toBeLessThan(expectedBytes);
}
