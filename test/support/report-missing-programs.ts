import { findOutside, type OutsideProgram, outsidePrograms } from "./outside-programs.ts";

/** Vitest global setup: says plainly, after the run, what was not tried on this machine. */
export default function setup(): () => void {
  return () => {
    const missing = Object.entries(outsidePrograms).filter(([program]) => isMissing(program));
    if (missing.length === 0) return;
    console.log("\nNot found on this machine, so the tests that need them were not tried:");
    for (const [program, description] of missing) console.log(`  ${program.padEnd(12)} ${description}`);
    console.log("(.ci/run installs all of them and sets REQUIRE_ALL=1.)");
  };
}

function isMissing(program: string): boolean {
  return isOutsideProgram(program) && findOutside(program) === undefined;
}

function isOutsideProgram(name: string): name is OutsideProgram {
  return Object.hasOwn(outsidePrograms, name);
}
