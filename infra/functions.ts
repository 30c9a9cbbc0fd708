import { Validations } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { archivesArnInFindings } from "./archives.ts";
import type { Assembly } from "./assembly.ts";
import { DeployedFunction } from "./deployed-function.ts";
import { type FunctionName, planFunctions } from "./function-plans.ts";
import type { Settings } from "./settings.ts";
import { removalPolicies, type Storage } from "./storage.ts";

interface FunctionsProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly assembly: Assembly;
}

/** The deployed functions, each with what it may do. */
export class Functions extends Construct {
  private readonly byName = new Map<string, LambdaFunction>();

  constructor(scope: Construct, id: string, { settings, storage, assembly }: FunctionsProps) {
    super(scope, id);
    for (const [entryName, plan] of Object.entries(planFunctions({ settings, storage, assembly }))) {
      // HEAD without streaming: only where the settings ask for it.
      if (entryName === "head-download" && settings.headMode !== "buffered") continue;
      const removalPolicy = removalPolicies[settings.removal];
      const { lambda } = new DeployedFunction(this, constructId(entryName), {
        ...plan,
        entryName,
        removalPolicy,
      });
      this.byName.set(entryName, lambda);
    }
    Validations.of(this).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${archivesArnInFindings}/*]`,
      reason:
        "Any archive may be written, removed and linked to: ids of balls, which they begin with, are made later.",
    });
    for (const bucket of storage.sourceBuckets) {
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${bucket.arnInFindings}/*]`,
        reason: "Any object may be selected: which bucket a caller may select from, its token says.",
      });
    }
  }

  /** The function of this name. Throws: an Error when the settings leave it out. */
  named(name: FunctionName): LambdaFunction {
    const lambda = this.byName.get(name);
    if (lambda === undefined) throw new Error(`The function ${name} is not deployed under these settings`);
    return lambda;
  }
}

/** `create-ball` is `CreateBall`. */
const constructId = (entryName: string): string =>
  entryName.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
