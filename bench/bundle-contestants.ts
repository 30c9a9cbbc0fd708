import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Makes the program of contestants as the deployed functions are made (infra/deployed-function.ts): one that runs
 * loads its own libraries alone, and nobody compiles TypeScript. Returns where it is.
 */
export async function bundleContestants(program: URL, outdir: string): Promise<URL> {
  await build({
    entryPoints: [fileURLToPath(program)],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    target: "node24",
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  return pathToFileURL(join(outdir, `${basename(program.pathname, ".ts")}.mjs`));
}
