/** A route as the host needs it; the rows of lambdas/api/routes.ts are such. */
export interface HostRoute {
  readonly method: string;
  readonly resource: string;
  readonly functionName: string;
  readonly response: "buffered" | "streamed";
  readonly authorized: boolean;
}

export interface RouteMatch {
  readonly route: HostRoute;
  /** Percent-decoded values of the resource's `{name}` segments; an encoded slash stays inside its segment. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The route of a method and a percent-encoded path. A segment spelled out beats `{name}`, as in API Gateway. */
export function matchRoute(
  routes: readonly HostRoute[],
  method: string,
  path: string,
): RouteMatch | undefined {
  const segments = path.slice(1).split("/").map(decodeURIComponent);
  const matches = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, pathParameters: matchSegments(route.resource, segments) }))
    .filter((match): match is RouteMatch => match.pathParameters !== undefined);
  return matches.sort((a, b) => parameterCount(a) - parameterCount(b))[0];
}

function matchSegments(resource: string, segments: readonly string[]): Record<string, string> | undefined {
  const patterns = resource.slice(1).split("/");
  if (patterns.length !== segments.length) return undefined;
  const parameters: [name: string, value: string][] = [];
  for (const [index, pattern] of patterns.entries()) {
    const segment = segments[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(pattern)?.[1];
    if (name !== undefined && segment !== "") parameters.push([name, segment]);
    else if (pattern !== segment) return undefined;
  }
  return Object.fromEntries(parameters);
}

const parameterCount = (match: RouteMatch): number => Object.keys(match.pathParameters).length;
