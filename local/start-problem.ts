/** Why the stack cannot start, in one line for whoever started it; no stack trace helps them. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}

/** What a server that is not ours said, or that it said nothing. */
export function foreignProblem(service: string, endpoint: string, error: unknown): StartProblem {
  const said = error instanceof Error ? error.message || error.name : String(error);
  return new StartProblem(`${service} at ${endpoint}: ${said.replaceAll(/\s+/g, " ")}`, { cause: error });
}
