import { expect, vi } from "vitest";
import type { FunctionFailure } from "../../local/api-gateway/invocation.ts";
import { mapQueue } from "../../local/events/event-source-mapping.ts";
import { loadLambdaFunctions } from "../../local/lambda-functions.ts";
import type { TestStack } from "../e2e/test-stack.ts";
import { countsIn } from "../local/events/test-queue.ts";

/** An assembler that is at work when it is asked to be, so that nobody's requests are taken for another's. */
export interface IdleAssembler {
  /** Has all done that waits in the queue of assembly work. */
  assemble(): Promise<void>;
  /** To be called before the stack is closed. */
  stop(): Promise<void>;
}

/** That of a stack which was started with no assembler of its own (`concurrency: 0`). */
export async function startIdleAssembler(stack: TestStack): Promise<IdleAssembler> {
  const { credentials, sqs, sqsClient } = stack;
  const region = "us-east-1";
  // Its environment is the running stack's already.
  const { assembler } = await loadLambdaFunctions({ variables: {}, region, credentials });
  const queue = { client: sqsClient, url: sqs.assemblyQueueUrl };
  let asked = Promise.withResolvers<void>();
  const stop = mapQueue({
    queue: { ...queue, arn: "", deadLettersUrl: sqs.assemblyDeadLettersUrl },
    region,
    functionName: "assembler",
    handler: assembler,
    batchSize: 1,
    beforeCall: () => asked.promise,
    report: ({ error }: FunctionFailure) => expect.unreachable(String(error)),
  });
  return {
    async assemble() {
      asked.resolve();
      await vi.waitFor(async () => expect(await countsIn(queue)).toEqual([0, 0]), 15_000);
      asked = Promise.withResolvers();
    },
    async stop() {
      asked.resolve();
      await stop();
    },
  };
}
