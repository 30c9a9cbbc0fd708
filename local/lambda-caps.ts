import type { StreamCaps } from "./api-gateway/streamed-answer.ts";

/**
 * Lambda's caps on a streamed response. Source: AWS Lambda developer guide, "Response streaming".
 * Those on time always hold.
 */
export const lambdaStreamCaps: StreamCaps = {
  maxBytes: 200_000_000,
  uncappedBytes: 6_000_000,
  bytesPerSecond: 2_000_000,
};

/** The longest archive that the deployed stack streams under them: a margin is left for API Gateway's prelude. */
export const lambdaStreamLimitBytes = 199_900_000;

/** The longest that a function runs. */
export const lambdaTimeoutMs = 15 * 60_000;
