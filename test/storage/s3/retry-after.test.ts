import { expect, test } from "vitest";
import { retryAfterMs } from "../../../lambdas/storage/s3/object-answer.ts";

const date = "Sun, 22 Nov 2026 12:00:00 GMT";
const refusal = (retryAfter: string | undefined) => ({
  status: 503,
  headers: { date, ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }) },
  body: Buffer.alloc(0),
  begunAtMs: 0,
});

test.each([
  [undefined, 0],
  ["0", 0],
  ["1", 1000],
  ["120", 120_000],
  ["-1", 0],
  ["1.5", 0],
  ["soon", 0],
  ["", 0],
  ["Sun, 22 Nov 2026 12:00:07 GMT", 7000],
  ["Sun, 22 Nov 2026 11:59:59 GMT", 0],
])("Retry-After %s asks for %i ms, by the server's own clock", (retryAfter, ms) => {
  expect(retryAfterMs(refusal(retryAfter))).toBe(ms);
});
