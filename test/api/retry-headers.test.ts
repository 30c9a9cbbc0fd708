import { expect, test } from "vitest";
import { bitpaket } from "../../lambdas/api/bitpaket/encode-problem.ts";
import { box } from "../../lambdas/api/box/encode-problem.ts";
import { BallError } from "../../lambdas/ball/errors.ts";
import { problemAnswer } from "../../lambdas/gateway/text-answer.ts";

const dialects = { bitpaket, box };

test.each(
  Object.entries(dialects).flatMap(([name, dialect]) =>
    [
      [20, "20"],
      [0.2, "1"],
      [1.5, "2"],
      [0, "1"],
      [-3, "1"],
    ].map(([seconds, told]) => ({ name, dialect, seconds: Number(seconds), told: String(told) })),
  ),
)("$name answers a failure that is over in $seconds s with Retry-After: $told", (example) => {
  const { dialect, seconds: retryAfterSeconds, told } = example;
  const error = new BallError("archive-not-ready", "It is being assembled", { retryAfterSeconds });
  const { status, headers } = problemAnswer(dialect.encodeProblem(error, "request-1"));
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "Retry-After": told, "Cache-Control": "no-store" });
});

test.each(Object.entries(dialects))("%s does not say when what time alone does not help", (_, dialect) => {
  const error = new BallError("archive-not-ready", "It is being assembled");
  expect(problemAnswer(dialect.encodeProblem(error, "request-1")).headers).not.toHaveProperty("Retry-After");
});
