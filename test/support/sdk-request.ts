import {
  GetObjectCommand,
  type GetObjectCommandInput,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { z } from "zod";

const sentRequest = z.object({
  protocol: z.string(),
  hostname: z.string(),
  port: z.number().optional(),
  path: z.string(),
  query: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
});

/** A request as the SDK hands it over to be sent. */
export type SdkRequest = z.infer<typeof sentRequest>;

/** What the SDK would send for a GetObject with a client of that configuration. Throws what it says before it sends. */
export async function requestOfSdk(
  config: S3ClientConfig,
  input: GetObjectCommandInput,
): Promise<{ request: SdkRequest; client: S3Client }> {
  let request: SdkRequest | undefined;
  const requestHandler = {
    handle: async (sent: unknown) => {
      request = sentRequest.parse(sent);
      throw new Error("This request was only to be looked at");
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  const client = new S3Client({ ...config, requestHandler, maxAttempts: 1 });
  try {
    await client.send(new GetObjectCommand(input));
  } catch (error) {
    if (request === undefined) throw error;
  }
  if (request === undefined) throw new Error("The SDK sent nothing");
  return { request, client };
}

/** `https://host:port`, as a URL's origin is written. */
export function originOf({ protocol, hostname, port }: SdkRequest): string {
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`).origin;
}
