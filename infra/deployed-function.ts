import { fileURLToPath } from "node:url";
import { type Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, LoggingFormat, type RecursiveLoop, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { type BundlingOptions, LogLevel, NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

const repository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What a function is given. */
export interface FunctionPlan {
  readonly description: string;
  readonly memoryMib: number;
  readonly timeout: Duration;
  /** Variables of lambdas/env.ts; what is undefined is not set. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Variables that Node and malloc read when the process begins; unset: Node's own ways. */
  readonly processVariables?: Readonly<Record<string, string>>;
  /** What Lambda does when it finds that the function calls itself by way of a queue; unset: it stops that. */
  readonly recursiveLoop?: RecursiveLoop;
  /** All it may do beside writing its own log and its traces. */
  readonly permissions: readonly PolicyStatement[];
}

interface DeployedFunctionProps extends FunctionPlan {
  /** Name of the entry file directly under lambdas/, without `.ts`; it exports `handler`. */
  readonly entryName: string;
  readonly removalPolicy: RemovalPolicy;
}

/** One entry of lambdas/ as a Lambda function, with a role and a log group of its own. */
export class DeployedFunction extends Construct {
  readonly lambda: NodejsFunction;

  constructor(scope: Construct, id: string, props: DeployedFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Log", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy,
    });
    // Not the managed AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    for (const statement of props.permissions) role.addToPolicy(statement);

    this.lambda = new NodejsFunction(this, "Function", {
      entry: repository(`lambdas/${props.entryName}.ts`),
      projectRoot: repository("."),
      depsLockFilePath: repository("package-lock.json"),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMib,
      timeout: props.timeout,
      ...(props.recursiveLoop !== undefined && { recursiveLoop: props.recursiveLoop }),
      environment: {
        NODE_OPTIONS: "--enable-source-maps",
        ...props.processVariables,
        ...textOf(props.environment),
      },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      // Sets a variable that only version 2 of the SDK reads.
      awsSdkConnectionReuse: false,
      bundling,
    });

    Validations.of(role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason:
        "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources: IAM accepts only * for them.",
    });
  }
}

/**
 * ES modules with the SDK inside, so that what runs is what the lock file names and what was tested, and not
 * the runtime's copy. Some of the packages inside are CommonJS and call `require`, which an ES module lacks.
 */
const bundling: BundlingOptions = {
  format: OutputFormat.ESM,
  mainFields: ["module", "main"],
  target: "node24",
  bundleAwsSDK: true,
  minify: true,
  keepNames: true,
  sourceMap: true,
  sourcesContent: false,
  logLevel: LogLevel.WARNING,
  forceDockerBundling: false,
  banner: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
};

function textOf(variables: Readonly<Record<string, unknown>>): Record<string, string> {
  const defined = Object.entries(variables).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(defined.map(([name, value]) => [name, String(value)]));
}
