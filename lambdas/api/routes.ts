/**
 * The public surface in one table: the stack makes its REST API from it and the one-machine host routes by it,
 * so that both serve the same paths.
 */
export interface Route {
  readonly method: "GET" | "HEAD" | "POST";
  /** API Gateway resource path; `{name}` is a path parameter of one segment. */
  readonly resource: string;
  /** The deployed function that answers: the file of that name directly under lambdas/. */
  readonly functionName:
    | "create-ball"
    | "create-zip-download"
    | "download"
    | "metadata"
    | "openapi"
    | "zip-download-status";
  /** `streamed`: Lambda response streaming (API Gateway's responseTransferMode STREAM). */
  readonly response: "buffered" | "streamed";
  /** Whether a bearer token is asked for (the TOKEN authorizer, function `authorizer`). */
  readonly authorized: boolean;
}

/** Asked by an application, with its token. */
const json = { response: "buffered", authorized: true } as const;
/** The ball's UUID is the capability: links carry no token. */
const link = { response: "streamed", authorized: false } as const;

export const routes: readonly Route[] = [
  // BitPaket's dialect.
  { method: "POST", resource: "/v2/zipball", functionName: "create-ball", ...json },
  { method: "POST", resource: "/v2/metadata", functionName: "metadata", ...json },
  { method: "GET", resource: "/v2/metadata/{id}", functionName: "metadata", ...json },
  { method: "GET", resource: "/{ball}", functionName: "download", ...link },
  { method: "HEAD", resource: "/{ball}", functionName: "download", ...link },
  // Box's dialect.
  { method: "POST", resource: "/2.0/zip_downloads", functionName: "create-zip-download", ...json },
  { method: "GET", resource: "/2.0/zip_downloads/{ball}/content", functionName: "download", ...link },
  { method: "HEAD", resource: "/2.0/zip_downloads/{ball}/content", functionName: "download", ...link },
  {
    method: "GET",
    resource: "/2.0/zip_downloads/{ball}/status",
    functionName: "zip-download-status",
    ...json,
  },
  {
    method: "GET",
    resource: "/openapi.json",
    functionName: "openapi",
    response: "buffered",
    authorized: false,
  },
];
