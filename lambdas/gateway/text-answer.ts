import { encodeProblem } from "../api/bitpaket/encode-problem.ts";

/** An answer with a body of text. */
export interface TextAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers of every answer in JSON: none of them is for a cache. */
export const jsonHeaders = {
  "Content-Type": "application/json; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** The answer to a request that failed. */
export function problemAnswer(error: unknown): TextAnswer {
  return { ...encodeProblem(error), headers: jsonHeaders };
}
