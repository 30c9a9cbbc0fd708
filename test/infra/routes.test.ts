import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { gatewayProblems } from "../../lambdas/api/gateway-problems.ts";
import { routes } from "../../lambdas/api/routes.ts";
import { resourcesOf, synthesise } from "./synthesise.ts";

const integrationOf = (method: string, lambda: string, mode: "STREAM" | "BUFFERED") => ({
  HttpMethod: method,
  Integration: {
    Type: "AWS_PROXY",
    ResponseTransferMode: mode,
    TimeoutInMillis: mode === "STREAM" ? 900_000 : Match.absent(),
    Uri: {
      "Fn::Join": [
        "",
        Match.arrayWith([
          { "Fn::GetAtt": [Match.stringLikeRegexp(`^Functions${lambda}Function`), "Arn"] },
          mode === "STREAM" ? "/response-streaming-invocations" : "/invocations",
        ]),
      ],
    },
  },
});

describe("the REST API", () => {
  let template: Template;
  let withHead: Template;
  beforeAll(() => {
    template = synthesise();
    withHead = synthesise({ headMode: "buffered" });
  });

  it("has the routes of the table and no others", () => {
    template.resourceCountIs("AWS::ApiGateway::Method", routes.length);
    const resources = new Map(
      resourcesOf(template, "AWS::ApiGateway::Resource").map(({ id, properties }) => [
        id,
        resourceShape.parse(properties),
      ]),
    );
    const pathOf = (id: string): string => {
      const resource = resources.get(id);
      return resource === undefined ? "" : `${pathOf(resource.ParentId.Ref ?? "")}/${resource.PathPart}`;
    };
    const served = resourcesOf(template, "AWS::ApiGateway::Method").map(({ properties }) => {
      const { HttpMethod, ResourceId } = methodShape.parse(properties);
      return `${HttpMethod} ${pathOf(ResourceId.Ref ?? "")}`;
    });
    expect(served.sort()).toEqual(routes.map(({ method, resource }) => `${method} ${resource}`).sort());
  });

  it.each(routes)("$method $resource is answered by $functionName, $response", (route) => {
    const lambda = route.functionName.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) =>
      letter.toUpperCase(),
    );
    const mode = route.response === "streamed" ? "STREAM" : "BUFFERED";
    template.hasResourceProperties("AWS::ApiGateway::Method", integrationOf(route.method, lambda, mode));
  });

  it("buffers HEAD from a function of its own where the settings ask for it", () => {
    const heads = routes.filter(({ method }) => method === "HEAD");
    withHead.resourcePropertiesCountIs(
      "AWS::ApiGateway::Method",
      integrationOf("HEAD", "HeadDownload", "BUFFERED"),
      heads.length,
    );
    withHead.hasResourceProperties("AWS::ApiGateway::Method", integrationOf("GET", "Download", "STREAM"));
  });

  it("asks for a token where the table says so, and nowhere else", () => {
    const asked = resourcesOf(template, "AWS::ApiGateway::Method").map(({ properties }) => {
      const { HttpMethod, AuthorizationType } = methodShape.parse(properties);
      return `${HttpMethod} ${AuthorizationType}`;
    });
    expect(asked.sort()).toEqual(
      routes.map(({ method, authorized }) => `${method} ${authorized ? "CUSTOM" : "NONE"}`).sort(),
    );
  });

  it("judges the Authorization header and remembers the verdict for a minute", () => {
    template.hasResourceProperties("AWS::ApiGateway::Authorizer", {
      Type: "TOKEN",
      IdentitySource: "method.request.header.Authorization",
      AuthorizerResultTtlInSeconds: 60,
      IdentityValidationExpression: Match.absent(),
    });
  });

  it.each(gatewayProblems)(
    "answers $responseType itself with $status in both dialects' shapes",
    (problem) => {
      const [found] = resourcesOf(template, "AWS::ApiGateway::GatewayResponse").flatMap(({ properties }) => {
        const response = gatewayResponse.parse(properties);
        return response.ResponseType === problem.responseType ? [response] : [];
      });
      expect(found?.StatusCode).toBe(String(problem.status));
      expect(JSON.parse(found?.ResponseTemplates["application/json"] ?? "")).toMatchObject({
        success: false,
        error: { code: 10_000 + problem.status, message: problem.message },
        type: "error",
        status: problem.status,
        code: problem.word,
        request_id: "$context.requestId",
      });
      const scheme = found?.ResponseParameters["gatewayresponse.header.WWW-Authenticate"];
      expect(scheme).toBe(problem.status === 401 ? "'Bearer'" : undefined);
    },
  );

  it("lets no other site read its answers", () => {
    expect(JSON.stringify(template.toJSON()).includes("Access-Control-Allow-Origin")).toBe(false);
  });

  it("logs requests without what would open a ball or name its reader", () => {
    const [stage] = resourcesOf(template, "AWS::ApiGateway::Stage").map(({ properties }) =>
      z.object({ AccessLogSetting: z.object({ Format: z.string() }) }).parse(properties),
    );
    const format = z.record(z.string(), z.string()).parse(JSON.parse(stage?.AccessLogSetting.Format ?? ""));
    const variables = Object.values(format);
    expect(variables).toContain("$context.requestId");
    expect(variables).toContain("$context.status");
    expect(variables).toContain("$context.resourcePath");
    for (const secret of [
      "$context.path",
      "$context.identity",
      "$context.authorizer",
      "$context.customDomain",
    ]) {
      expect(variables.filter((variable) => variable.startsWith(secret))).toEqual([]);
    }
  });

  it("writes no request into execution logs or traces, throttles, caches nothing, and is regional", () => {
    template.hasResourceProperties("AWS::ApiGateway::Stage", {
      StageName: "prod",
      TracingEnabled: Match.absent(),
      CacheClusterEnabled: Match.absent(),
      MethodSettings: [
        {
          HttpMethod: "*",
          ResourcePath: "/*",
          DataTraceEnabled: false,
          LoggingLevel: Match.absent(),
          ThrottlingBurstLimit: 200,
          ThrottlingRateLimit: 100,
        },
      ],
    });
    template.hasResourceProperties("AWS::ApiGateway::RestApi", {
      EndpointConfiguration: { Types: ["REGIONAL"] },
    });
  });

  it("stands under the stage the settings name", () => {
    synthesise({ stageName: "dev" }).hasResourceProperties("AWS::ApiGateway::Stage", { StageName: "dev" });
  });
});

const reference = z.object({ Ref: z.string().optional() });
const resourceShape = z.object({ PathPart: z.string(), ParentId: reference });
const methodShape = z.object({
  HttpMethod: z.string(),
  AuthorizationType: z.string(),
  ResourceId: reference,
});

const gatewayResponse = z.object({
  ResponseType: z.string(),
  StatusCode: z.string(),
  ResponseTemplates: z.record(z.string(), z.string()),
  ResponseParameters: z.record(z.string(), z.string()),
});
