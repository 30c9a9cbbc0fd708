import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { createRequest } from "../bitpaket/create-request.ts";
import { metadataRequest } from "../bitpaket/decode-metadata.ts";
import { createdBall, objectAnswer, objectsAnswer } from "../bitpaket/schemas.ts";
import { createdBallExample, objectExample } from "./answer-examples.ts";
import { downloadPath } from "./download-operations.ts";
import { creationFailures, descriptionFailures } from "./failures.ts";
import { jsonAnswer, jsonBody } from "./json-content.ts";
import { problemResponses } from "./problem-responses.ts";

export const bitpaketTag = { name: "BitPaket", description: "ZipBalls and metadata, as BitPaket has them." };

const tags = [bitpaketTag.name];

const createBall: ZodOpenApiOperationObject = {
  tags,
  operationId: "createBall",
  summary: "Make a ball of objects and folders, and a link of the ball",
  requestBody: jsonBody(createRequest, {
    "objects and folders": {
      objects: [{ path: "/dir/myfile.exe" }, { path: "/dir/myfile2.exe" }, { folder: "/anotherDir" }],
    },
    "several versions of an object": {
      objects: [
        { path: "/dir/myfile.exe" },
        { path: "/dir/myfile.exe", version: 5 },
        { path: "/dir/myfile2.exe", revision: "0e4b563b" },
      ],
    },
    "a path in the archive of its own": {
      objects: [{ id: "b6233520-0ab2-465e-b698-c69c7ed53e2a", override: "/my/custom/path/myfile.zip" }],
    },
    "an archive that is assembled beforehand": { objects: [{ folder: "/anotherDir" }], delivery: "assemble" },
    "a compressed archive": { objects: [{ folder: "/anotherDir" }], compression: "deflate" },
  }),
  responses: {
    "201": jsonAnswer("The ball was made", createdBall, createdBallExample),
    ...problemResponses({
      dialect: "bitpaket",
      asker: "caller",
      codes: [...creationFailures, "revision-ambiguous"],
    }),
  },
};

const describePath: ZodOpenApiOperationObject = {
  tags,
  operationId: "describePath",
  summary: "What is known of an object: its versions, newest first",
  requestBody: jsonBody(metadataRequest, { "an object": { path: "/dir/myfile.exe" } }),
  responses: {
    "200": jsonAnswer("Its versions", objectsAnswer, {
      success: true,
      data: { objects: [objectExample], truncated: false },
    }),
    ...problemResponses({
      dialect: "bitpaket",
      asker: "caller",
      codes: [...descriptionFailures, "request-too-large", "forbidden"],
    }),
  },
};

const describeObject: ZodOpenApiOperationObject = {
  tags,
  operationId: "describeObject",
  summary: "What is known of one version of an object",
  requestParams: { path: z.object({ id: z.uuidv4().meta({ description: "The version's object id." }) }) },
  responses: {
    "200": jsonAnswer("The version", objectAnswer, { success: true, data: objectExample }),
    ...problemResponses({
      dialect: "bitpaket",
      asker: "caller",
      codes: [...descriptionFailures, "version-not-found"],
    }),
  },
};

export const bitpaketPaths: ZodOpenApiPathsObject = {
  "/v2/zipball": { post: createBall },
  "/v2/metadata": { post: describePath },
  "/v2/metadata/{id}": { get: describeObject },
  "/{ball}": downloadPath({
    dialect: "bitpaket",
    tag: bitpaketTag.name,
    name: "Ball",
    path: z.object({
      ball: z.string().meta({
        description: "The ball's id, and `.zip`.",
        example: "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe.zip",
      }),
    }),
    query: z.object({
      zipball: z
        .literal("")
        .optional()
        .meta({ description: "BitPaket's flag; it makes no difference here." }),
    }),
  }),
};
