import { STATUS_CODES } from "node:http";
import { z } from "zod";
import type { ZodOpenApiExamplesObject, ZodOpenApiResponseObject } from "zod-openapi";
import type { BallErrorCode } from "../../ball/errors.ts";
import { bitpaket } from "../bitpaket/encode-problem.ts";
import { problemAnswer } from "../bitpaket/schemas.ts";
import { box } from "../box/encode-problem.ts";
import { clientError } from "../box/schemas.ts";
import {
  formatGatewayProblem,
  type GatewayProblem,
  gatewayProblemHeaders,
  gatewayProblems,
} from "../gateway-problems.ts";
import { toldOfLink } from "../told-of-link.ts";
import { rateLimit, requestId, requestIdOrNot, retryAfter, wwwAuthenticate } from "./headers.ts";
import { exampleOf } from "./problem-examples.ts";

/** How an operation may fail. */
interface Failures {
  readonly dialect: "bitpaket" | "box";
  /** Whether a caller with a token asks, or whoever holds a link. */
  readonly asker: "caller" | "link";
  /** What may go wrong, besides what no BallError tells. */
  readonly codes: readonly BallErrorCode[];
}

type Responses = Record<`${4 | 5}${string}`, ZodOpenApiResponseObject>;

/**
 * The answers to failures, by status. Status, code words and bodies are those that the dialect's own encoder makes of
 * each failure, and API Gateway's own those of its table.
 */
export function problemResponses(failures: Failures): Responses {
  const told = [...toldByFunction(failures), ...toldByGateway(failures.asker)];
  const byStatus = [...Map.groupBy(told, ({ status }) => status)].sort(([one], [other]) => one - other);
  const responses = byStatus.map(([status, same]) => [status, responseOf(status, failures.asker, same)]);
  return Object.fromEntries(responses);
}

/** One failure as it is answered. */
interface Told {
  readonly status: number;
  /** The code word of this service, or API Gateway's name of the response. */
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly schema: z.ZodType;
}

const exampleRequestId = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

const dialects = {
  bitpaket: { dialect: bitpaket, schema: problemAnswer },
  box: { dialect: box, schema: clientError },
};

function toldByFunction({ dialect: name, asker, codes }: Failures): Told[] {
  const { dialect, schema } = dialects[name];
  const told = asker === "caller" ? (error: unknown) => error : toldOfLink;
  const failures = [
    ...codes.map((code) => ({ name: code, error: exampleOf(code) })),
    ...(asker === "caller" ? [{ name: "rate-limited", error: exampleOf("rate-limited") }] : []),
    { name: "unexpected", error: new Error() },
  ];
  return failures.map((failure) => ({
    ...dialect.encodeProblem(told(failure.error), exampleRequestId),
    name: failure.name,
    schema,
  }));
}

/** An answer of API Gateway itself: one body for both dialects. */
const gatewayProblem = z.object({ ...problemAnswer.shape, ...clientError.shape }).meta({
  id: "GatewayProblem",
  description: "An error that is told before a function is asked, in the forms of both dialects at once.",
});

const ofEveryRoute: readonly GatewayProblem["responseType"][] = [
  "THROTTLED",
  "INTEGRATION_FAILURE",
  "INTEGRATION_TIMEOUT",
  "DEFAULT_4XX",
  "DEFAULT_5XX",
];
const ofCallers: readonly GatewayProblem["responseType"][] = ["UNAUTHORIZED", "REQUEST_TOO_LARGE"];

function toldByGateway(asker: Failures["asker"]): Told[] {
  const types = asker === "caller" ? [...ofEveryRoute, ...ofCallers] : ofEveryRoute;
  return gatewayProblems
    .filter(({ responseType }) => types.includes(responseType))
    .map((problem) => ({
      status: problem.status,
      name: problem.responseType,
      headers: gatewayProblemHeaders(problem),
      body: formatGatewayProblem(problem, exampleRequestId),
      schema: gatewayProblem,
    }));
}

function responseOf(
  status: number,
  asker: Failures["asker"],
  told: readonly Told[],
): ZodOpenApiResponseObject {
  const [schema = gatewayProblem, ...others] = new Set(told.map((each) => each.schema));
  const examples: ZodOpenApiExamplesObject = Object.fromEntries(
    told.map(({ name, body }) => [name, { value: JSON.parse(body) }]),
  );
  return {
    description: `${STATUS_CODES[status]}: ${told.map(({ name }) => `\`${name}\``).join(", ")}`,
    headers: z.object({
      ...(told.some(({ schema }) => schema === gatewayProblem) ? requestIdOrNot : requestId),
      ...(asker === "caller" ? rateLimit : {}),
      ...(status === 401 ? wwwAuthenticate : {}),
      ...(told.some(({ headers }) => headers?.["Retry-After"] !== undefined) ? retryAfter : {}),
    }),
    content: {
      "application/json": { schema: others.length === 0 ? schema : z.union([schema, ...others]), examples },
    },
  };
}
