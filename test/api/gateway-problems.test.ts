import { deserializeClientError } from "box-node-sdk/lib/schemas/clientError";
import { expect, test } from "vitest";
import { problemAnswer } from "../../lambdas/api/bitpaket/schemas.ts";
import { clientError } from "../../lambdas/api/box/schemas.ts";
import { formatGatewayProblem, gatewayProblems } from "../../lambdas/api/gateway-problems.ts";

test.each(gatewayProblems)("$responseType is one body, valid in both dialects", (problem) => {
  const body: unknown = JSON.parse(formatGatewayProblem(problem, "$context.requestId"));
  const { status, word: code, message } = problem;
  expect(problemAnswer.parse(body)).toEqual({
    success: false,
    error: { code: 10_000 + status, message, data: {} },
  });
  const told = { type: "error", status, code, message, context_info: {}, request_id: "$context.requestId" };
  expect(clientError.parse(body)).toMatchObject(told);
  expect(
    deserializeClientError(JSON.parse(formatGatewayProblem(problem, "$context.requestId"))),
  ).toMatchObject({ type: "error", status, code, message, requestId: "$context.requestId" });
});
