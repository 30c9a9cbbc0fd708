import { Agent } from "node:http";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { BoxClient, BoxDeveloperTokenAuth } from "box-node-sdk";
import { BoxApiError } from "box-node-sdk/lib/box/errors";
import { NetworkSession } from "box-node-sdk/lib/networking/network";
import { BoxRetryStrategy } from "box-node-sdk/lib/networking/retries";
import LegacyBox from "box-node-sdk-v3";
import { z } from "zod";
import { hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import type { TestStack } from "./test-stack.ts";

interface ClientOptions {
  readonly token?: string;
  /** Requests the SDK makes of one that fails and may be made again; between them it does not wait. */
  readonly maxAttempts?: number;
}

/** Box's own SDK, told where this stack is. */
export function boxClient(stack: TestStack, options: ClientOptions = {}): BoxClient {
  const { token = stack.token, maxAttempts = 1 } = options;
  const retryStrategy = new BoxRetryStrategy({ maxAttempts, retryBaseInterval: 0, maxRetriesOnException: 0 });
  return new BoxClient({
    auth: new BoxDeveloperTokenAuth({ token }),
    networkSession: new NetworkSession({ retryStrategy }),
  }).withCustomBaseUrls({ baseUrl: stack.api, uploadUrl: stack.api, oauth2Url: stack.api });
}

/** The SDK before it, with the API of version 3. `request` is what it hands on to the HTTP client below it. */
export function legacyBoxClient(stack: TestStack, token = stack.token, request = {}) {
  return new LegacyBox({
    clientID: "",
    clientSecret: "",
    apiRootURL: stack.api,
    numMaxRetries: 0,
    // Its own agent speaks TLS alone.
    request: { agentClass: Agent, ...request },
  }).getBasicClient(token);
}

/** What the SDK throws for an answer that is an error. */
export async function boxErrorOf(promise: Promise<unknown>): Promise<BoxApiError> {
  const thrown: unknown = await promise.then(
    () => "nothing",
    (error: unknown) => error,
  );
  if (thrown instanceof BoxApiError) return thrown;
  throw new Error("The SDK's own exception was expected", { cause: thrown });
}

/** Gives the stack another token, for its bucket. */
export async function addToken(
  stack: TestStack,
  token: string,
  item: Record<string, unknown>,
): Promise<void> {
  const Item = { bucket: stack.bucket, ...item, tokenHash: hashToken(token) };
  await stack.dynamoDb.send(new PutCommand({ TableName: tokensTable, Item }));
}

const metadata = z.object({
  data: z.object({ objects: z.tuple([z.object({ object_id: z.uuidv4() })], z.unknown()) }),
});

/** The id of the newest version of an object, as BitPaket's metadata has it. */
export async function objectIdAt({ api, token }: TestStack, path: string): Promise<string> {
  const response = await fetch(`${api}/v2/metadata`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ path }),
  });
  return metadata.parse(await response.json()).data.objects[0].object_id;
}
