import { Logger } from "@aws-lambda-powertools/logger";
import { decodeCreate } from "./api/box/decode-create.ts";
import { encodeCreated } from "./api/box/encode-created.ts";
import { box } from "./api/box/encode-problem.ts";
import { createBall } from "./creation/create-ball.ts";
import { parseCreateZipDownloadEnv } from "./env.ts";
import { callerFunction } from "./gateway/caller-function.ts";
import { jsonHeaders } from "./gateway/text-answer.ts";
import { wireCreation } from "./wiring/wire-creation.ts";

const env = parseCreateZipDownloadEnv(process.env);
const { context, limiter } = wireCreation(env);
const lifetime = {
  seconds: env.ZIP_DOWNLOAD_START_SECONDS,
  fromStartSeconds: env.ZIP_DOWNLOAD_STATUS_SECONDS,
};
const logger = new Logger({ serviceName: "create-zip-download" });

/** `POST /2.0/zip_downloads`: chosen files and folders become an archive to be fetched at once. */
export const handler = callerFunction({ logger, dialect: box, limiter }, async (request, grant) => {
  const { items, ...asked } = decodeCreate(request.body);
  const created = await createBall(context, { grant, ...asked, naming: "at-root", lifetime });
  const publicUrl = env.PUBLIC_URL ?? request.baseUrl;
  return { status: 202, headers: jsonHeaders, body: encodeCreated(created, { items, publicUrl }) };
});
