import type { Problem } from "../api/dialect.ts";

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

/** A problem as an answer. */
export function problemAnswer(problem: Problem): TextAnswer {
  return { ...problem, headers: { ...jsonHeaders, ...problem.headers } };
}
