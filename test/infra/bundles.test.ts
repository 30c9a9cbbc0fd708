import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { stallMessage } from "../../infra/assembly.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const cdk = join(repository, "node_modules/aws-cdk/bin/cdk");

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Metadata: z.object({ "aws:asset:path": z.string().optional() }).optional(),
      Properties: z
        .object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional() })
        .optional(),
    }),
  ),
});

interface Bundle {
  readonly module: string;
  readonly variables: Record<string, string>;
}

/** By the construct's name: where the CLI put a function's bundle, and its variables, references as what they may become. */
function bundlesIn(assembly: string): Map<string, Bundle> {
  const parsed = template.parse(JSON.parse(readFileSync(join(assembly, "Zipball.template.json"), "utf8")));
  const functions = Object.entries(parsed.Resources).filter(
    ([, { Type }]) => Type === "AWS::Lambda::Function",
  );
  return new Map(
    functions.map(([id, { Metadata, Properties }]) => {
      const variables = Object.entries(Properties?.Environment?.Variables ?? {}).map(([name, value]) => [
        name,
        typeof value === "string" ? value : resolved(value, parsed.Resources),
      ]);
      const module = join(assembly, Metadata?.["aws:asset:path"] ?? "", "index.mjs");
      return [
        id.replace(/^Functions(\w+?)Function\w+$/, "$1"),
        { module, variables: Object.fromEntries(variables) },
      ];
    }),
  );
}

const reference = z.object({ Ref: z.string() });

/** A queue is referred to by its address, all else by its name. */
function resolved(value: unknown, resources: z.output<typeof template>["Resources"]): string {
  const { Ref } = reference.parse(value);
  return resources[Ref]?.Type === "AWS::SQS::Queue" ? `https://sqs.eu-west-1.amazonaws.com/1/${Ref}` : Ref;
}

/** Lambda's runtime has `awslambda` as a global before it loads a function. */
const probe = (module: string): string => `
  globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
  const { handler } = await import(${JSON.stringify(pathToFileURL(module).href)});
  console.log(typeof handler);
`;

const start = (bundle: Bundle, variables: Record<string, string>) =>
  run(process.execPath, ["--input-type=module", "--eval", probe(bundle.module)], {
    env: { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none", ...variables },
  });

/** Every file directly under lambdas/ but the one that reads the environment, as the stack names their constructs. */
const functionNames = readdirSync(join(repository, "lambdas"), { withFileTypes: true })
  .filter((file) => file.isFile() && file.name !== "env.ts")
  .map((file) => file.name.replace(/\.ts$/, ""))
  .map((name) => name.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase()))
  .sort();

describe("cdk synth", () => {
  let assembly: string;
  let bundles: Map<string, Bundle>;
  beforeAll(async () => {
    assembly = mkdtempSync(join(tmpdir(), "zipball-synth-"));
    const { PATH = "", HOME } = process.env;
    // cdk.json starts the app with the `node` it finds.
    const path = [dirname(process.execPath), PATH].join(delimiter);
    const arguments_ = [
      cdk,
      "synth",
      "--quiet",
      "--output",
      assembly,
      "--context",
      "zipball:headMode=buffered",
    ];
    await run(process.execPath, arguments_, { cwd: repository, env: { PATH: path, HOME } });
    bundles = bundlesIn(assembly);
  }, 120_000);
  afterAll(() => rmSync(assembly, { recursive: true }));

  it("passes without credentials and bundles every function", () => {
    expect([...bundles.keys()].sort()).toEqual(functionNames);
  });

  const bundleOf = (name: string): Bundle => {
    const bundle = bundles.get(name);
    if (bundle === undefined) throw new Error(`${name} was not bundled`);
    return bundle;
  };

  it.each(functionNames)("makes a bundle of %s that starts with the variables it is given", async (name) => {
    const bundle = bundleOf(name);
    const { stdout } = await start(bundle, bundle.variables);
    expect(stdout).toBe("function\n");
  });

  it("has the assembler log what the alarm on stalls looks for", () => {
    expect(readFileSync(bundleOf("Assembler").module, "utf8")).toContain(`"${stallMessage}"`);
  });

  // The description of the API is all the openapi function has, so that it lacks nothing.
  it.each(functionNames.filter((name) => name !== "Openapi"))(
    "makes a bundle of %s that does not start without them",
    async (name) => {
      await expect(start(bundleOf(name), {})).rejects.toThrow(/environment of this function is not usable/);
    },
  );
});
