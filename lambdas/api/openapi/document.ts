import { z } from "zod";
import { createDocument, type ZodOpenApiOverride } from "zod-openapi";
import { bitpaketPaths, bitpaketTag } from "./bitpaket-paths.ts";
import { boxPaths, boxTag } from "./box-paths.ts";
import { requestId } from "./headers.ts";
import { problemResponses } from "./problem-responses.ts";

/** Version of the interface, and not of what serves it. */
const apiVersion = "1.0.0";

const description = `Many objects of S3 as one download, in the words of two APIs: BitPaket's ZipBalls and Box's zip downloads.

Callers are programs with a token of their own, which names one bucket, what of it they may read, and how many requests
they may make in a minute. A token that is taken back may work for a minute more. Links to archives need no token:
whoever has a link may download.`;

const ownTag = { name: "API", description: "About this interface." };

/**
 * The OpenAPI 3.1 document of all routes, made of the schemas that requests are read with and answers are written by.
 * It has no servers: whoever serves it knows its address.
 */
export function createApiDocument() {
  return createDocument(
    {
      openapi: "3.1.1",
      info: { title: "Zipball", version: apiVersion, description },
      tags: [bitpaketTag, boxTag, ownTag],
      security: [{ token: [] }],
      paths: { ...bitpaketPaths, ...boxPaths, "/openapi.json": ownDocument },
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "The token of a calling program." },
        },
      },
    },
    { override },
  );
}

/** Says no more than is meant: answers may get further keys, integers end where everybody's do, a format is one. */
const override: ZodOpenApiOverride = ({ jsonSchema, zodSchema, io }) => {
  const { def } = zodSchema._zod;
  if (io === "output" && def.type === "object" && def.catchall === undefined)
    delete jsonSchema.additionalProperties;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
};

const ownDocument = {
  get: {
    tags: [ownTag.name],
    security: [],
    operationId: "getApiDocument",
    summary: "This document",
    responses: {
      "200": {
        description: "The interface in OpenAPI 3.1",
        headers: z.object(requestId),
        content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
      },
      ...problemResponses({ dialect: "bitpaket", asker: "link", codes: [] }),
    },
  },
};
