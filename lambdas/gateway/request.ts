import { z } from "zod";

/** A request as API Gateway hands it to a function, parsed once. */
export interface GatewayRequest {
  readonly method: string;
  /** The route's resource path, as routes.ts spells it: `/v2/metadata/{id}`. */
  readonly resource: string;
  readonly requestId: string;
  /** Base of this API's own links, with the stage where there is one, without a slash at its end. */
  readonly baseUrl: string;
  /** Header value by lower-case name; the values of a header that came several times are joined with commas. */
  readonly header: (name: string) => string | undefined;
  readonly query: (name: string) => string | undefined;
  /** All of the query, decoded: names in the order they came in, each with its values. */
  readonly queryParameters: readonly (readonly [name: string, value: string])[];
  readonly pathParameter: (name: string) => string | undefined;
  /** What the authorizer found out about the caller; undefined where none was asked. */
  readonly authorizerContext: Readonly<Record<string, unknown>> | undefined;
  /** The body as text; "" when there is none. */
  readonly body: string;
}

const textByName = z.record(z.string(), z.string().optional()).nullish();
const textsByName = z.record(z.string(), z.array(z.string()).optional()).nullish();

/** API Gateway developer guide, "Input format of a Lambda function for proxy integration". */
const proxyEvent = z.object({
  resource: z.string(),
  httpMethod: z.string(),
  headers: textByName,
  multiValueHeaders: textsByName,
  queryStringParameters: textByName,
  multiValueQueryStringParameters: textsByName,
  pathParameters: textByName,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string(),
    path: z.string(),
    domainName: z.string().default("localhost"),
    authorizer: z.record(z.string(), z.unknown()).nullish(),
  }),
});

type ProxyEvent = z.output<typeof proxyEvent>;

/** Throws: ZodError for an event that is none of API Gateway's REST proxy events. */
export function parseRequest(event: unknown): GatewayRequest {
  const parsed = proxyEvent.parse(event);
  const headers = headersOf(parsed);
  return {
    method: parsed.httpMethod,
    resource: parsed.resource,
    requestId: parsed.requestContext.requestId,
    baseUrl: baseUrlOf(parsed),
    header: (name) => headers.get(name),
    query: (name) => parsed.queryStringParameters?.[name],
    queryParameters: Object.entries(parsed.multiValueQueryStringParameters ?? {}).flatMap(
      ([name, values = []]) => values.map((value) => [name, value] as const),
    ),
    pathParameter: (name) => parsed.pathParameters?.[name],
    authorizerContext: parsed.requestContext.authorizer ?? undefined,
    body: Buffer.from(parsed.body ?? "", parsed.isBase64Encoded ? "base64" : "utf8").toString("utf8"),
  };
}

function headersOf({ headers, multiValueHeaders }: ProxyEvent): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) byName.set(name.toLowerCase(), value);
  }
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (values !== undefined) byName.set(name.toLowerCase(), values.join(", "));
  }
  return byName;
}

/**
 * What stands in front of the resource in the path that was asked for: the stage (`/prod`), a custom domain's
 * mapping, or nothing. The Host header is the caller's word and is never used.
 */
function baseUrlOf({ resource, requestContext, pathParameters }: ProxyEvent): string {
  const path = resource.replaceAll(/\{([^}]+)\}/g, (_, name: string) => pathParameters?.[name] ?? "");
  // API Gateway takes a slash at the end for nothing.
  const asked = requestContext.path.replace(/\/$/, "");
  const prefix = asked.endsWith(path) ? asked.slice(0, -path.length) : "";
  return `https://${requestContext.domainName}${prefix}`;
}
