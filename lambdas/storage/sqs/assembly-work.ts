import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AssemblyWork, ReceivedWork } from "../../ball/assembly.ts";

const wholeNumber = z.number().int().nonnegative();

const work = z.object({
  ballId: z.string().min(1),
  planEtag: z.string().min(1),
  attempt: wholeNumber.positive(),
  task: z.enum(["begin", "group", "close"]),
  group: wholeNumber,
  generation: wholeNumber,
});

const receivedWork = z.strictObject({ ...work.shape, id: z.string().min(1) });

/** Work as the body of a message, which has an id of its own. */
export function formatAssemblyWork(asked: AssemblyWork): string {
  return JSON.stringify({ ...work.parse(asked), id: randomUUID() });
}

/** The reverse of formatAssemblyWork. Throws: SyntaxError or ZodError for a body that is none of these. */
export function parseAssemblyWork(body: string): ReceivedWork {
  return receivedWork.parse(JSON.parse(body));
}
