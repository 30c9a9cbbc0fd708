/**
 * The public surface in one table: the stack makes its REST API from it and the one-machine host routes by it,
 * so that both serve the same paths.
 */
export interface Route {
  readonly method: "GET" | "HEAD" | "POST";
  /** API Gateway resource path; `{name}` is a path parameter of one segment. */
  readonly resource: string;
  /** The deployed function that answers: the file of that name directly under lambdas/. */
  readonly functionName: "create-ball" | "download";
  /** `streamed`: Lambda response streaming (API Gateway's responseTransferMode STREAM). */
  readonly response: "buffered" | "streamed";
  /** Whether a bearer token is asked for (the TOKEN authorizer, function `authorizer`). */
  readonly authorized: boolean;
}

export const routes: readonly Route[] = [
  {
    method: "POST",
    resource: "/v2/zipball",
    functionName: "create-ball",
    response: "buffered",
    authorized: true,
  },
  // The ball's UUID is the capability: links carry no token.
  { method: "GET", resource: "/{ball}", functionName: "download", response: "streamed", authorized: false },
  { method: "HEAD", resource: "/{ball}", functionName: "download", response: "streamed", authorized: false },
];
