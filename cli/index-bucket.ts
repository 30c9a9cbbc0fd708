import { parseIndexerEnv } from "../lambdas/env.ts";
import { CommandProblem } from "./index-bucket/command-problem.ts";
import { parseOptions, usage } from "./index-bucket/options.ts";
import { progressOn } from "./index-bucket/progress.ts";
import { runIndex } from "./index-bucket/run.ts";
import { interruptedExitCode, stopSignal } from "./index-bucket/stop-signal.ts";
import { findTarget } from "./index-bucket/target.ts";

/**
 * `npm run index -- --bucket B`: brings all versions of all objects of a bucket into the catalog. What whoever starts
 * it can set right is told on stderr, with exit code 1.
 */
try {
  process.exitCode = await indexBucket(process.argv.slice(2));
} catch (error) {
  const isKnown = error instanceof CommandProblem;
  console.error(
    isKnown ? error.message : `Indexing failed: ${error instanceof Error ? error.message : error}`,
  );
  process.exitCode = 1;
}

async function indexBucket(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.wantsHelp) {
    console.log(usage);
    return 0;
  }
  const { bucket, variables } = findTarget(options, process.env);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  const isDone = await runIndex({
    ...options,
    env: parseIndexerEnv(process.env),
    bucket,
    progress: progressOn(process.stderr, `${bucket}/${options.prefix}`),
    signal: stopSignal(),
  });
  return isDone ? 0 : interruptedExitCode;
}
