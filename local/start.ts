import { once } from "node:events";
import { parseArgs } from "node:util";
import { useFrugalAllocator } from "./frugal-allocator.ts";
import { giveBackMemory } from "./give-back-memory.ts";
import type { StackOptions } from "./stack.ts";

/**
 * `npm start -- --port N --data DIR --folder DIR --stage NAME --lambda-caps`: the whole system on this machine until Ctrl-C.
 * What whoever starts it can set right is one line on stderr and exit code 1.
 */

const usage = "npm start -- [--port 4100] [--data ./data] [--folder DIR] [--stage NAME] [--lambda-caps]";

/** Signals closer to each other than this are the same Ctrl-C. */
const oneKeyPressMs = 300;

await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (typeof options === "string") return stopWith(options);
  hideExperimentalWarnings();
  useFrugalAllocator();
  giveBackMemory();
  await run(options);
}

async function run(options: StackOptions): Promise<void> {
  // Loaded only now: a bad argument is told at once.
  const { startStack } = await import("./stack.ts");
  const { StartProblem } = await import("./start-problem.ts");
  const { progressOn } = await import("./fill-bucket/progress.ts");
  const { nextSteps } = await import("./next-steps.ts");
  const stop = stopSignal();
  const stopped = once(stop, "abort");
  try {
    const progress = progressOn(process.stderr, "Uploading");
    const stack = await startStack({ ...options, progress, report, signal: stop });
    process.stdout.write(nextSteps(stack));
    await stopped;
    await stack.close();
    process.exit(0);
  } catch (error) {
    if (stop.aborted) process.exit(0);
    if (error instanceof StartProblem) return stopWith(error.message);
    console.error(error);
    process.exit(1);
  }
}

/** The options, or what is wrong with them. */
function readArguments(): StackOptions | string {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        port: { type: "string", default: "4100" },
        data: { type: "string", default: "data" },
        folder: { type: "string" },
        stage: { type: "string" },
        "lambda-caps": { type: "boolean", default: false },
      },
    });
    const { port, data, folder, stage } = values;
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return `--port ${port} is no port. Usage: ${usage}`;
    if (stage !== undefined && !/^\w{1,128}$/.test(stage)) return `--stage ${stage} is no stage name`;
    const chosen = { ...(folder !== undefined && { folder }), ...(stage !== undefined && { stage }) };
    return { port: Number(port), dataDir: data, lambdaCaps: values["lambda-caps"], ...chosen };
  } catch (error) {
    return `${error instanceof Error ? error.message : error}. Usage: ${usage}`;
  }
}

/**
 * Aborted by the first Ctrl-C, which stops everything in order; a later one does not wait for that. One Ctrl-C
 * may come twice at once: the terminal sends it to npm and to this process, and npm hands it on.
 */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let stoppingSince = Number.POSITIVE_INFINITY;
  const stop = () => {
    if (performance.now() - stoppingSince > oneKeyPressMs) process.exit(1);
    stoppingSince = Math.min(stoppingSince, performance.now());
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return controller.signal;
}

/** A function that failed, as its log in AWS would have it. */
function report(failure: { functionName: string; requestId: string; error: unknown }): void {
  console.error(`${failure.functionName} ${failure.requestId} failed:`, failure.error);
}

/** node:sqlite and execve say at every start that they are experimental, no news to whoever runs this. */
function hideExperimentalWarnings(): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "ExperimentalWarning") console.error(`${warning.name}: ${warning.message}`);
  });
}

function stopWith(line: string): void {
  process.stderr.write(`${line.replaceAll(/\s*\n\s*/g, " ")}\n`);
  process.exit(1);
}
