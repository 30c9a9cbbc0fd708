import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest } from "node:http";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { actionsOfS3 } from "./s3-actions.ts";

interface Endpoints {
  readonly s3: string;
  readonly dynamodb: string;
  readonly sqs: string;
}

const created = z.object({ request: z.instanceof(ClientRequest) });
const tables = z.union([
  z.object({ TableName: z.string() }).transform(({ TableName }) => [TableName]),
  z
    .object({ RequestItems: z.record(z.string(), z.unknown()) })
    .transform(({ RequestItems }) => Object.keys(RequestItems)),
]);
const queue = z.object({ QueueUrl: z.string().transform((url) => url.split("/").at(-1)) });

/**
 * The IAM actions that requests of this process's SDK clients to the servers need, each with what it is on, as in
 * `s3:ListBucket zipball-demo` and `dynamodb:GetItem zipball-balls`, from now until the test is over.
 */
export function watchAws(endpoints: Endpoints): ReadonlySet<string> {
  const actions = new Set<string>();
  const add = (needed: readonly string[]) => {
    for (const action of needed) actions.add(action);
  };
  const onCreated = (message: unknown) => {
    const { request } = created.parse(message);
    const host = `http://${request.getHeader("host")}`;
    if (host === endpoints.s3) add(actionsOfS3(requestedOf(request, host)));
    if (host === endpoints.dynamodb) watchBody(request, (body) => add(actionsOfDynamodb(request, body)));
    if (host === endpoints.sqs) watchBody(request, (body) => add([actionOfSqs(request, body)]));
  };
  subscribe("http.client.request.created", onCreated);
  onTestFinished(() => void unsubscribe("http.client.request.created", onCreated));
  return actions;
}

function requestedOf(request: ClientRequest, host: string) {
  const copySource = request.getHeader("x-amz-copy-source");
  return {
    method: request.method,
    url: new URL(request.path, host),
    copySource: copySource === undefined ? undefined : new URL(`${copySource}`, host),
  };
}

/** The table or queue an operation is on stands in its body. */
function watchBody(request: ClientRequest, onBody: (body: string) => void): void {
  const end = request.end.bind(request);
  const watched = (body: string | Uint8Array) => {
    onBody(Buffer.from(body).toString());
    return end(body);
  };
  Object.assign(request, { end: watched });
}

const operationOf = (request: ClientRequest) => `${request.getHeader("x-amz-target")}`.split(".").at(-1);

function actionsOfDynamodb(request: ClientRequest, body: string): string[] {
  return tables.parse(JSON.parse(body)).map((table) => `dynamodb:${operationOf(request)} ${table}`);
}

/** IAM knows no batches. Source: SQS developer guide, "Amazon SQS API permissions". */
function actionOfSqs(request: ClientRequest, body: string): string {
  return `sqs:${operationOf(request)?.replace(/Batch$/, "")} ${queue.parse(JSON.parse(body)).QueueUrl}`;
}
