import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { zipDownload, zipDownloadRequest, zipDownloadStatus } from "../box/schemas.ts";
import { zipDownloadExample, zipDownloadStatusExample } from "./answer-examples.ts";
import { downloadPath } from "./download-operations.ts";
import { creationFailures, statusFailures } from "./failures.ts";
import { jsonAnswer, jsonBody } from "./json-content.ts";
import { problemResponses } from "./problem-responses.ts";

export const boxTag = { name: "Box", description: "Zip downloads, as Box has them." };

const tags = [boxTag.name];

const ball = z
  .uuidv4()
  .meta({ description: "The zip download's id.", example: "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe" });

const createZipDownload: ZodOpenApiOperationObject = {
  tags,
  operationId: "createZipDownload",
  summary: "Make a zip download of files and folders",
  requestBody: jsonBody(zipDownloadRequest, {
    "a file and a folder": {
      download_file_name: "January Financials",
      items: [
        { type: "file", id: "b6233520-0ab2-465e-b698-c69c7ed53e2a" },
        { type: "folder", id: "/reports/2026" },
      ],
    },
    "a compressed archive": { items: [{ type: "folder", id: "/reports/2026" }], compression: "deflate" },
  }),
  responses: {
    "202": jsonAnswer("The zip download was made", zipDownload, zipDownloadExample),
    ...problemResponses({
      dialect: "box",
      asker: "caller",
      codes: creationFailures,
    }),
  },
};

const readStatus: ZodOpenApiOperationObject = {
  tags,
  operationId: "getZipDownloadStatus",
  summary: "How far a download has come",
  requestParams: { path: z.object({ ball }) },
  responses: {
    "200": jsonAnswer("Its state", zipDownloadStatus, zipDownloadStatusExample),
    ...problemResponses({
      dialect: "box",
      asker: "caller",
      codes: statusFailures,
    }),
  },
};

export const boxPaths: ZodOpenApiPathsObject = {
  "/2.0/zip_downloads": { post: createZipDownload },
  "/2.0/zip_downloads/{ball}/content": downloadPath({
    dialect: "box",
    tag: boxTag.name,
    name: "ZipDownloadContent",
    path: z.object({ ball }),
    query: z.object({}),
  }),
  "/2.0/zip_downloads/{ball}/status": { get: readStatus },
};
