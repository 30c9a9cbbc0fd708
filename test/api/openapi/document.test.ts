import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decodeCreate } from "../../../lambdas/api/bitpaket/decode-create.ts";
import { decodeMetadata } from "../../../lambdas/api/bitpaket/decode-metadata.ts";
import { decodeCreate as decodeZipDownload } from "../../../lambdas/api/box/decode-create.ts";
import { createApiDocument } from "../../../lambdas/api/openapi/document.ts";
import { routes } from "../../../lambdas/api/routes.ts";
import type { BallErrorCode } from "../../../lambdas/ball/errors.ts";

const example = z.object({ value: z.unknown() });
const content = z.record(z.string(), z.object({ examples: z.record(z.string(), example).optional() }));
const response = z.object({
  headers: z.record(z.string(), z.unknown()).default({}),
  content: content.default({}),
});
const operation = z.object({
  security: z.array(z.unknown()).optional(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), response),
});
const { paths } = z
  .object({ paths: z.record(z.string(), z.record(z.string(), operation)) })
  .parse(JSON.parse(JSON.stringify(createApiDocument())));

const operations = Object.entries(paths).flatMap(([resource, methods]) =>
  Object.entries(methods).map(([method, described]) => ({ resource, method, ...described })),
);

/** Whether a caller can be told of it as a failure. */
const isMet: Readonly<Record<string, boolean>> = {
  "invalid-request": true,
  "request-too-large": true,
  // API Gateway says so before a function is asked.
  unauthorized: false,
  forbidden: true,
  "rate-limited": true,
  "source-not-found": true,
  "version-not-found": true,
  "revision-ambiguous": true,
  "source-archived": true,
  "source-forbidden": true,
  "too-many-entries": true,
  "archive-too-large": true,
  "ball-not-found": true,
  "ball-expired": true,
  "ball-not-started": true,
  "archive-not-ready": true,
  "assembly-failed": true,
  // Worker's alone: whoever asks for the archive is told that it could not be assembled.
  "archive-unwritable": false,
  "archive-unreadable": true,
  "upload-gone": false,
  // Left out of an archive before its first byte, and a broken connection after it.
  "source-changed": false,
  "source-unreadable": true,
  "source-corrupt": true,
  "ball-corrupt": true,
} satisfies Record<BallErrorCode, boolean>;

test("a linter has nothing to say of the document", async () => {
  const servers = [{ url: "https://x.execute-api.eu-central-1.amazonaws.com/prod" }];
  const config = await createConfig({
    extends: ["recommended"],
    rules: {
      // The program is licensed to nobody.
      "info-license": "off",
      // It takes the `required` of a `not`, which says what can not stand together, for one of a schema of its own.
      "no-required-schema-properties-undefined": "off",
    },
  });
  const source = JSON.stringify({ ...createApiDocument(), servers });
  const problems = await lintFromString({ source, config });
  const told = problems.map(({ ruleId, message, location }) => [ruleId, location[0]?.pointer, message]);
  expect(told).toEqual([]);
});

describe("the document", () => {
  test("has every route, and nothing else", () => {
    const described = operations.map(({ method, resource }) => `${method.toUpperCase()} ${resource}`);
    expect(described.sort()).toEqual(routes.map(({ method, resource }) => `${method} ${resource}`).sort());
  });

  test.each(operations)("asks for a token where the route does: $method $resource", (described) => {
    const route = routes.find(
      ({ method, resource }) => method === described.method.toUpperCase() && resource === described.resource,
    );
    // Without a word of its own, an operation asks for the token that the document asks for.
    expect(described.security === undefined).toBe(route?.authorized);
    const limits = Object.values(described.responses).map(({ headers }) => "X-RateLimit-Limit" in headers);
    expect(new Set(limits)).toEqual(new Set([route?.authorized]));
  });

  test.each(operations)("tells the request's id with every answer: $method $resource", ({ responses }) => {
    for (const { headers } of Object.values(responses)) expect(headers).toHaveProperty("X-Request-Id");
  });

  test.each(operations.filter(({ method }) => method === "head"))(
    "tells of no body where there is none: $resource",
    ({ responses }) => {
      expect(Object.values(responses).flatMap((answer) => Object.keys(answer.content))).toEqual([]);
    },
  );

  const decoders: Record<string, (body: string) => unknown> = {
    "/v2/zipball": decodeCreate,
    "/v2/metadata": decodeMetadata,
    "/2.0/zip_downloads": decodeZipDownload,
  };
  const requests = operations.flatMap(({ resource, requestBody }) =>
    Object.entries(requestBody?.content["application/json"]?.examples ?? {}).map(([name, { value }]) => ({
      resource,
      name,
      value,
    })),
  );

  test.each(requests)(
    "has examples of requests that are understood: $resource $name",
    ({ resource, value }) => {
      expect(() => decoders[resource]?.(JSON.stringify(value))).not.toThrow();
    },
  );

  test("has an example for every request with a body", () => {
    expect([...new Set(requests.map(({ resource }) => resource))].sort()).toEqual(
      Object.keys(decoders).sort(),
    );
  });

  test("tells that an answer may say when to ask again where one does: too many requests, or an archive not ready", () => {
    const later = operations.flatMap(({ resource, method, responses }) =>
      Object.entries(responses).flatMap(([status, { headers }]) =>
        "Retry-After" in headers && status !== "429" ? [`${method} ${resource} ${status}`] : [],
      ),
    );
    const archives = ["/2.0/zip_downloads/{ball}/content", "/{ball}"];
    expect(later.sort()).toEqual(
      archives.flatMap((resource) => [`get ${resource} 503`, `head ${resource} 503`]).sort(),
    );
    expect(
      operations.filter(({ responses }) => !("Retry-After" in (responses["429"]?.headers ?? {}))),
    ).toEqual([]);
  });

  test("tells of every failure that a caller can meet", () => {
    const told = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap((answer) =>
        Object.keys(answer.content["application/json"]?.examples ?? {}),
      ),
    );
    const names = new Set(told);
    const untold = Object.keys(isMet).filter((code) => !names.has(code));
    expect(untold.sort()).toEqual(
      Object.keys(isMet)
        .filter((code) => !isMet[code])
        .sort(),
    );
  });
});
