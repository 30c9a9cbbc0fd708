import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";

interface Endpoints {
  readonly s3: string;
  readonly dynamodb: string;
}

const created = z.object({ request: z.instanceof(ClientRequest) });
const tables = z.union([
  z.object({ TableName: z.string() }).transform(({ TableName }) => [TableName]),
  z
    .object({ RequestItems: z.record(z.string(), z.unknown()) })
    .transform(({ RequestItems }) => Object.keys(RequestItems)),
]);

/**
 * The IAM actions that requests of this process's SDK clients to the two servers need, as in `s3:ListBucket` and
 * `dynamodb:GetItem zipball-balls`, from now until the test is over.
 */
export function watchAws(endpoints: Endpoints): ReadonlySet<string> {
  const actions = new Set<string>();
  const add = (needed: readonly string[]) => {
    for (const action of needed) actions.add(action);
  };
  const onCreated = (message: unknown) => {
    const { request } = created.parse(message);
    const host = `http://${request.getHeader("host")}`;
    if (host === endpoints.s3) add(actionsOfS3(request.method, new URL(request.path, host)));
    if (host === endpoints.dynamodb) watchBody(request, (body) => add(actionsOfDynamodb(request, body)));
  };
  subscribe("http.client.request.created", onCreated);
  onTestFinished(() => void unsubscribe("http.client.request.created", onCreated));
  return actions;
}

/** The table an operation is on stands in its body. */
function watchBody(request: ClientRequest, onBody: (body: string) => void): void {
  const end = request.end.bind(request);
  const watched = (body: string | Uint8Array) => {
    onBody(Buffer.from(body).toString());
    return end(body);
  };
  Object.assign(request, { end: watched });
}

function actionsOfDynamodb(request: ClientRequest, body: string): string[] {
  const operation = `${request.getHeader("x-amz-target")}`.split(".").at(-1);
  return tables.parse(JSON.parse(body)).map((table) => `dynamodb:${operation} ${table}`);
}

/** Source: S3 API reference, the permissions of each operation. */
function actionsOfS3(method: string, { pathname, searchParams }: URL): string[] {
  const isOfObject = pathname.split("/").filter((segment) => segment !== "").length > 1;
  if (!isOfObject) return [searchParams.has("versions") ? "s3:ListBucketVersions" : "s3:ListBucket"];
  if (!["GET", "HEAD"].includes(method)) return [`s3:${method}`];
  const object = searchParams.has("versionId") ? "ObjectVersion" : "Object";
  return [`s3:Get${object}`, ...(searchParams.has("attributes") ? [`s3:Get${object}Attributes`] : [])];
}
