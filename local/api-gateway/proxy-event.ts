import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { connectionFields } from "./function-headers.ts";
import { localAccountId } from "./lambda-function.ts";
import type { RouteMatch } from "./match-route.ts";
import type { RequestTarget } from "./request-target.ts";

/** What an event is made of besides the request itself. */
export interface EventFacts {
  readonly match: RouteMatch;
  readonly target: RequestTarget;
  /** The path under the stage. */
  readonly path: string;
  readonly stage: string;
  readonly requestId: string;
  /** Host, and port unless it is the default one, by which clients know this API; never the Host header. */
  readonly domainName: string;
  readonly body: string;
  readonly receivedAt: Date;
  readonly authorizer: Readonly<Record<string, string>> | undefined;
}

/**
 * The proxy event (format 1.0) that a REST API hands to a function. A map without members is null; the maps of
 * single values have the last of several; `path` stays percent-encoded, path parameters and query are decoded.
 * Source: API Gateway developer guide, "Input format of a Lambda function for proxy integration".
 */
export function proxyEvent(request: IncomingMessage, facts: EventFacts): APIGatewayProxyEvent {
  const headers = withForwarding(request, facts.domainName);
  const query = grouped([...facts.target.query]);
  const { pathParameters, route } = facts.match;
  return {
    resource: route.resource,
    path: facts.path,
    httpMethod: request.method ?? "GET",
    headers: lastOfEach(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: query.size === 0 ? null : lastOfEach(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : { ...pathParameters },
    stageVariables: null,
    requestContext: requestContext(request, facts),
    body: facts.body === "" ? null : facts.body,
    isBase64Encoded: false,
  };
}

/** Stage name in events and ARNs when the API lives at the root, as it does behind a custom domain. */
export const rootStageName = "local";
/** API id in events and ARNs. */
export const localApiId = "local";

function requestContext(request: IncomingMessage, facts: EventFacts): APIGatewayProxyEvent["requestContext"] {
  return {
    accountId: localAccountId,
    apiId: localApiId,
    authorizer: facts.authorizer,
    domainName: facts.domainName,
    domainPrefix: facts.domainName.split(".")[0],
    extendedRequestId: facts.requestId,
    httpMethod: request.method ?? "GET",
    identity: {
      ...anonymous,
      sourceIp: request.socket.remoteAddress ?? "",
      userAgent: request.headers["user-agent"] ?? null,
    },
    path: facts.stage === "" ? facts.path : `/${facts.stage}${facts.path}`,
    protocol: `HTTP/${request.httpVersion}`,
    requestId: facts.requestId,
    requestTime: commonLogTime(facts.receivedAt),
    requestTimeEpoch: facts.receivedAt.getTime(),
    resourceId: "local",
    resourcePath: facts.match.route.resource,
    stage: facts.stage === "" ? rootStageName : facts.stage,
  };
}

type Grouped = Map<string, string[]>;

/** The request's header fields in the casing they came in, and those that API Gateway adds. */
function withForwarding(request: IncomingMessage, domainName: string): Grouped {
  const raw = request.rawHeaders;
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? "", raw[at + 1] ?? ""]);
  const kept = pairs.filter(([name]) => !connectionFields.has(name.toLowerCase()));
  return grouped(
    [
      ...kept,
      ["X-Forwarded-For", request.socket.remoteAddress ?? ""],
      ["X-Forwarded-Port", domainName.split(":")[1] ?? "80"],
      ["X-Forwarded-Proto", "http"],
    ],
    (name) => name.toLowerCase(),
  );
}

/** Values by name, in order; names that are the same to `identity` go under the first one's spelling. */
function grouped(pairs: readonly [string, string][], identity = (name: string) => name): Grouped {
  const spellings = new Map<string, string>();
  const groups: Grouped = new Map();
  for (const [name, value] of pairs) {
    const spelling = spellings.get(identity(name)) ?? name;
    spellings.set(identity(name), spelling);
    groups.set(spelling, [...(groups.get(spelling) ?? []), value]);
  }
  return groups;
}

const lastOfEach = (groups: Grouped): Record<string, string> =>
  Object.fromEntries([...groups].map(([name, values]) => [name, values.at(-1) ?? ""]));

/** As in `09/Apr/2015:12:34:56 +0000`. */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(" ");
  return `${day}/${month}/${year}:${clock} +0000`;
}

const anonymous = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};
