import { Logger } from "@aws-lambda-powertools/logger";
import { dialectOf } from "./api/choose-dialect.ts";
import { answerDownload } from "./api/download-answer.ts";
import { downloadRequestOf } from "./api/download-request.ts";
import { deliver } from "./delivery/deliver.ts";
import { hasLittleMemory } from "./delivery/stream-limits.ts";
import { parseDownloadEnv } from "./env.ts";
import { noBody, textBody } from "./gateway/stream-response.ts";
import { streamedFunction } from "./gateway/streamed-function.ts";
import { keepHeapSmall } from "./wiring/frugal-heap.ts";
import { wireDownload } from "./wiring/wire-download.ts";

const env = parseDownloadEnv(process.env);
if (hasLittleMemory(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE)) keepHeapSmall();
const context = wireDownload(env);

/**
 * GET and HEAD of a ball, in both dialects: the archive, whole or by byte range, or where it is, or when it is worth
 * asking again.
 */
export const handler = streamedFunction(
  { logger: new Logger({ serviceName: "download" }), dialectOf, idleSeconds: env.CLIENT_IDLE_SECONDS },
  async (request, signal) => {
    const delivery = await deliver(context, downloadRequestOf(request), signal);
    const publicUrl = env.PUBLIC_URL ?? request.baseUrl;
    const { text, ...answer } = answerDownload(delivery, { ...request, publicUrl });
    if (delivery.kind === "bytes") return { ...answer, chunks: delivery.chunks };
    return { ...answer, chunks: text === undefined ? noBody() : textBody(text) };
  },
);
