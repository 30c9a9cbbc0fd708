/** An event of API Gateway's REST proxy integration, with what a test wants to be different. */
export function proxyEvent(
  more: Record<string, unknown> = {},
  context: Record<string, unknown> = {},
): object {
  return {
    resource: "/v2/zipball",
    path: "/v2/zipball",
    httpMethod: "POST",
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    ...more,
    requestContext: {
      requestId: "request-1",
      path: "/prod/v2/zipball",
      stage: "prod",
      domainName: "x.execute-api.eu-central-1.amazonaws.com",
      httpMethod: "POST",
      ...context,
    },
  };
}
