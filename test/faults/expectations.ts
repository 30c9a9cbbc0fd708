import { expect } from "vitest";
import type { BallErrorCode } from "../../lambdas/ball/errors.ts";
import type { Outcome } from "./faulty-ball.ts";

/** Every byte came, and no other. */
export function expectWhole({ isRight, receivedBytes, expectedBytes, error }: Outcome): void {
  expect(error).toBeUndefined();
  expect({ isRight, receivedBytes }).toEqual({ isRight: true, receivedBytes: expectedBytes });
}

/** It failed with that code, and what came before are the first bytes of the archive, and not all. */
export function expectBroken(outcome: Outcome, code: BallErrorCode): void {
  expectFailed(outcome, code);
  expect(outcome.isRight).toBe(true);
}

/** It failed with that code before all had come, and nobody could take back what had left. */
export function expectFailed({ receivedBytes, expectedBytes, error }: Outcome, code: BallErrorCode): void {
  expect(error).toMatchObject({ name: "BallError", code });
  expect(receivedBytes).toBeLessThan(expectedBytes);
}
