import { Logger } from "@aws-lambda-powertools/logger";
import { dialectOf } from "./api/choose-dialect.ts";
import { createApiDocument } from "./api/openapi/document.ts";
import { parseOpenapiEnv } from "./env.ts";
import { bufferedFunction } from "./gateway/buffered-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";

const env = parseOpenapiEnv(process.env);
const document = createApiDocument();

/** `GET /openapi.json`: what this API takes and answers. */
export const handler = bufferedFunction(
  new Logger({ serviceName: "openapi" }),
  dialectOf,
  async (request) => {
    const servers = [{ url: env.PUBLIC_URL ?? request.baseUrl }];
    return { status: 200, headers: jsonHeaders, body: JSON.stringify({ ...document, servers }) };
  },
);
