import { expect, onTestFinished, test } from "vitest";
import type { StackOptions } from "../../local/stack.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "../e2e/test-stack.ts";
import { countsIn } from "./events/test-queue.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("a ball whose archive was not assembled when the stack ended is assembled when it starts again", async () => {
  const dataDir = temporaryFolder();
  const first = await start({ dataDir, assembler: { concurrency: 0 } });
  await first.put({ "folder/a.bin": patternBytes(300_000, 1), "folder/b.bin": patternBytes(200_000, 2) });
  const objects = [{ folder: "/folder" }];
  const streamed = await bytesOf(await first.create(objects));
  const link = new URL(await first.create(objects, { delivery: "assemble" }));
  const queue = { client: first.sqsClient, url: first.sqs.assemblyQueueUrl };
  expect(await countsIn(queue)).toEqual([1, 0]);
  await first.close();
  const second = await start({ dataDir });
  const assembled = await bytesOf(`${second.api}${link.pathname}${link.search}`);
  expect(assembled.equals(streamed)).toBe(true);
  expect(second.failures).toEqual([]);
});

async function start(options: Partial<StackOptions>): Promise<TestStack> {
  const stack = await startTestStack(options);
  onTestFinished(() => stack.close());
  return stack;
}
