/** An error as a dialect answers it. */
export interface Problem {
  readonly status: number;
  /** Besides those that every answer in JSON has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How one wire language of the API tells that something failed. */
export interface Dialect {
  /** What is no BallError is told to nobody outside. */
  encodeProblem(error: unknown, requestId: string): Problem;
}
