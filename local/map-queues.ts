import type { ReportFailure } from "./api-gateway/invocation.ts";
import type { ApiGateway } from "./api-gateway/server.ts";
import { mapQueue } from "./events/event-source-mapping.ts";
import { lambdaTimeoutMs } from "./lambda-caps.ts";
import type { LambdaFunctions } from "./lambda-functions.ts";
import type { Endpoints } from "./servers.ts";

export interface AssemblerOptions {
  /** How long one call may take; none: as long as in Lambda. */
  readonly functionTimeoutMs?: number;
  /** Calls at a time; none: one. 0: work stays in its queue. */
  readonly concurrency?: number;
}

export interface QueueMappings {
  readonly endpoints: Endpoints;
  readonly functions: LambdaFunctions;
  readonly api: ApiGateway;
  readonly region: string;
  readonly assembler: AssemblerOptions;
  readonly report: ReportFailure;
}

/** Has the functions called that queues call. Answers what ends it. */
export function mapQueues(mappings: QueueMappings): () => Promise<void> {
  const { endpoints, functions, api, region, assembler, report } = mappings;
  const stopIndexing = mapQueue({
    queue: endpoints.objectEvents,
    region,
    functionName: "indexer",
    handler: functions.indexer,
    report,
    // One process does everything: who waits for an answer comes first, and nobody waits for this.
    beforeCall: () => api.answered(longestPauseMs),
    restPerWork: 3,
  });
  const stopAssembling = mapQueue({
    queue: endpoints.assembly,
    region,
    functionName: "assembler",
    handler: functions.assembler,
    report,
    batchSize: 1,
    // One process does everything: a second call would go no faster, and take as much memory again.
    concurrency: 1,
    functionTimeoutMs: lambdaTimeoutMs,
    ...assembler,
  });
  return async () => void (await Promise.all([stopAssembling(), stopIndexing()]));
}

const longestPauseMs = 2000;
