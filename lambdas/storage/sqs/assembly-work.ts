import { z } from "zod";
import type { AssemblyWork } from "../../ball/assembly.ts";

const wholeNumber = z.number().int().nonnegative();

const work = z.strictObject({
  ballId: z.string().min(1),
  planEtag: z.string().min(1),
  attempt: wholeNumber.positive(),
  task: z.enum(["begin", "group", "close"]),
  group: wholeNumber,
  generation: wholeNumber,
});

/** Work as the body of a message. */
export function formatAssemblyWork(asked: AssemblyWork): string {
  return JSON.stringify(work.parse(asked));
}

/** The reverse of formatAssemblyWork. Throws: SyntaxError or ZodError for a body that is none of these. */
export function parseAssemblyWork(body: string): AssemblyWork {
  return work.parse(JSON.parse(body));
}
