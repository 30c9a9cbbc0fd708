import { findOutside, type OutsideProgram, outsidePrograms } from "./outside-programs.ts";

/** Vitest global setup: says plainly, after the run, what was not tried on this machine. */
export default function setup(): () => void {
  return () => {
    const missing = Object.entries(outsidePrograms).filter(([program]) => isMissing(program));
    const hasRuntimeClient = (process.env.LAMBDA_RUNTIME_CLIENT ?? "") !== "";
    if (missing.length === 0 && hasRuntimeClient) return;
    console.log("\nNot found on this machine, so the tests that need them were not tried:");
    for (const [program, description] of missing) console.log(`  ${program.padEnd(14)} ${description}`);
    if (!hasRuntimeClient)
      console.log("  aws-lambda-ric  AWS's runtime client (LAMBDA_RUNTIME_CLIENT is not set)");
    console.log("(.ci/run installs all of them and sets REQUIRE_ALL=1.)");
  };
}

function isMissing(program: string): boolean {
  return isOutsideProgram(program) && findOutside(program) === undefined;
}

function isOutsideProgram(name: string): name is OutsideProgram {
  return Object.hasOwn(outsidePrograms, name);
}
