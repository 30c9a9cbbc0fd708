import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * What `npm start` runs. Plain JavaScript, because a Node.js that is too old for all the rest has to understand it: npm
 * before 11.19 installs the Node.js of this project's dependencies without linking it, and runs the machine's own.
 */
const oldest = { major: 22, minor: 18 };
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isNewEnough = major > oldest.major || (major === oldest.major && minor >= oldest.minor);
const installed = fileURLToPath(
  new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
);

if (isNewEnough) await import("./start.ts");
else if (existsSync(installed)) runWith(installed);
else {
  console.error(`Node ${oldest.major}.${oldest.minor} or later is needed; this is ${process.versions.node}`);
  process.exit(1);
}

/** @param {string} node path of another Node.js, which runs this again in this one's stead */
function runWith(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 1));
}
