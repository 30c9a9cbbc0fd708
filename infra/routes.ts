import { Duration, Validations } from "aws-cdk-lib";
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type IAuthorizer,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  type Method,
  ResponseTransferMode,
  ResponseType,
  RestApi,
  TokenAuthorizer,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import {
  formatGatewayProblem,
  gatewayProblemHeaders,
  gatewayProblems,
} from "../lambdas/api/gateway-problems.ts";
import { type Route, routes } from "../lambdas/api/routes.ts";
import type { Functions } from "./functions.ts";
import type { Settings } from "./settings.ts";
import { removalPolicies } from "./storage.ts";

interface RoutesProps {
  readonly settings: Settings;
  readonly functions: Functions;
}

/** The REST API: every route of lambdas/api/routes.ts, and what API Gateway answers by itself. */
export class Routes extends Construct {
  readonly url: string;
  private readonly api: RestApi;
  private readonly functions: Functions;
  private readonly headMode: Settings["headMode"];

  constructor(scope: Construct, id: string, { settings, functions }: RoutesProps) {
    super(scope, id);
    this.functions = functions;
    this.headMode = settings.headMode;
    this.api = this.makeApi(settings);
    this.url = this.api.url;

    const authorizer = new TokenAuthorizer(this, "TokenAuthorizer", {
      handler: functions.named("authorizer"),
      identitySource: IdentitySource.header("Authorization"),
      resultsCacheTtl: authorizerCacheTtl,
    });
    for (const route of routes) this.addRoute(route, authorizer);
    this.addGatewayResponses();
  }

  private makeApi(settings: Settings): RestApi {
    const accessLog = new LogGroup(this, "AccessLog", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: removalPolicies[settings.removal],
    });
    const api = new RestApi(this, "Api", {
      restApiName: "zipball",
      description: "Many objects of S3 as one download",
      // Edge-optimised endpoints end a stream that is idle for 30 s, regional ones after 5 min.
      endpointTypes: [EndpointType.REGIONAL],
      // API Gateway writes its logs with one role for the whole account and region.
      cloudWatchRole: true,
      deployOptions: {
        stageName: settings.stageName,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: requestsAtOnce,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat,
      },
    });
    // The stack has its own outputs.
    api.node.tryRemoveChild("Endpoint");
    acknowledgeApi(api);
    return api;
  }

  private addRoute(route: Route, authorizer: IAuthorizer): void {
    const resource = this.api.root.resourceForPath(route.resource);
    const integration = this.integrationFor(route);
    if (route.authorized) {
      const method = resource.addMethod(route.method, integration, {
        authorizer,
        authorizationType: AuthorizationType.CUSTOM,
      });
      acknowledgeCognito(
        method,
        "Callers are programs with tokens of their own, judged by the TOKEN authorizer.",
      );
      return;
    }
    const method = resource.addMethod(route.method, integration, {
      authorizationType: AuthorizationType.NONE,
    });
    Validations.of(method).acknowledge({ id: "AwsSolutions-APIG4", reason: openLinkReason });
    acknowledgeCognito(method, openLinkReason);
  }

  private integrationFor(route: Route): LambdaIntegration {
    if (route.method === "HEAD" && this.headMode === "buffered") {
      return buffered(this.functions.named("head-download"));
    }
    const lambda = this.functions.named(route.functionName);
    return route.response === "streamed" ? streamed(lambda) : buffered(lambda);
  }

  private addGatewayResponses(): void {
    for (const problem of gatewayProblems) {
      this.api.addGatewayResponse(problem.responseType, {
        type: ResponseType.of(problem.responseType),
        statusCode: String(problem.status),
        responseHeaders: quoted(gatewayProblemHeaders(problem)),
        templates: { "application/json": formatGatewayProblem(problem, "$context.requestId") },
      });
    }
  }
}

/** Texts as API Gateway's mapping expressions have them. */
const quoted = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));

/** `timeout` is API Gateway's limit for STREAM; unset it would be that of buffered answers, 29 s. */
const streamed = (handler: IFunction): LambdaIntegration =>
  new LambdaIntegration(handler, {
    responseTransferMode: ResponseTransferMode.STREAM,
    timeout: Duration.minutes(15),
    allowTestInvoke: false,
  });

const buffered = (handler: IFunction): LambdaIntegration =>
  new LambdaIntegration(handler, {
    responseTransferMode: ResponseTransferMode.BUFFERED,
    allowTestInvoke: false,
  });

/** A revoked token works that much longer; a program that makes balls in a row is judged once. */
const authorizerCacheTtl = Duration.minutes(1);

/** For all callers together; beyond it API Gateway answers 429. */
const requestsPerSecond = 100;
const requestsAtOnce = 200;

/**
 * The resource is logged as its pattern, `/{ball}`, and never as the path that was asked for: a ball's id is
 * the capability to download it. X-Ray is off at the stage for the same reason, its segments hold URLs.
 */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    extendedRequestId: AccessLogField.contextExtendedRequestId(),
    time: AccessLogField.contextRequestTime(),
    method: AccessLogField.contextHttpMethod(),
    resource: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    responseBytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    integrationStatus: AccessLogField.contextIntegrationStatus(),
    integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
    error: AccessLogField.contextErrorResponseType(),
  }),
);

const openLinkReason =
  "The link is the capability: its UUID is unguessable, expires, and is meant to be opened without a token.";

const acknowledgeCognito = (method: Method, reason: string): void =>
  Validations.of(method).acknowledge({ id: "AwsSolutions-COG4", reason });

function acknowledgeApi(api: RestApi): void {
  Validations.of(api).acknowledge(
    {
      id: "AwsSolutions-APIG2",
      reason:
        "create-ball validates the body itself: its messages name the item, as callers of the API expect.",
    },
    {
      id: "AwsSolutions-APIG3",
      reason:
        "A web ACL is the owner's to choose and to pay for; the stage throttles, and links cannot be guessed.",
    },
    {
      id: "AwsSolutions-APIG6",
      reason:
        "Execution logs hold request paths, and these hold the links' capabilities; access logs are written.",
    },
    {
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
      reason:
        "One role writes the logs of all APIs of the account and region: a narrower one would break others.",
    },
  );
}
