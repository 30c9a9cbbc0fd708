import { z } from "zod";
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiPathItemObject,
  ZodOpenApiResponseObject,
} from "zod-openapi";
import { downloadFailures } from "./failures.ts";
import { content, location, outlook, requestId, sentRange, unsatisfiedRange, validators } from "./headers.ts";
import { problemResponses } from "./problem-responses.ts";

/** The archive of a ball, at the address that one of the dialects gives it. */
interface ArchiveAddress {
  readonly dialect: "bitpaket" | "box";
  readonly tag: string;
  /** Of the operations, behind `get` and `head`. */
  readonly name: string;
  readonly path: z.ZodObject;
  /** Besides the file name to save as. */
  readonly query: z.ZodObject;
}

/** GET and HEAD of an archive. */
export function downloadPath(address: ArchiveAddress): ZodOpenApiPathItemObject {
  const { name, tag, path } = address;
  const query = address.query.extend({ ...savedAs, ...turn });
  const answers = {
    ...{
      "200": whole,
      "206": part,
      "302": elsewhere,
      "304": unchanged,
      "412": preconditionFailed,
      "416": unsatisfiable,
    },
    ...problemResponses({ dialect: address.dialect, asker: "link", codes: downloadFailures }),
  };
  const bodiless = Object.fromEntries(
    Object.entries(answers)
      .filter(([status]) => !onlyOfGet.has(status))
      .map(([status, { content: _body, ...answer }]) => [status, answer]),
  );
  const shared = { tags: [tag], security: [] };
  const get: ZodOpenApiOperationObject = {
    ...shared,
    operationId: `get${name}`,
    summary: "Download the archive, whole or a part of it",
    description:
      "The archive is made while it is sent; every range of it is there at once, so that a download can be resumed or " +
      "fetched in parallel pieces. A connection that breaks off is a failed download. Objects that were changed or " +
      "deleted since are left out and named in `_skipped.txt`: that archive has another entity tag, and a range of " +
      "the one before is answered with the whole. A large archive is assembled first: the request is held while that " +
      "goes on, then sent here again by a redirection, up to 8 times, and after that told to come again later; once the " +
      "archive is there, a redirection leads to it. That address is for one request: a download is resumed at this one.",
    requestParams: { path, query, header: z.object({ ...rangeHeaders, ...conditionHeaders }) },
    responses: answers,
  };
  const head: ZodOpenApiOperationObject = {
    ...shared,
    operationId: `head${name}`,
    summary: "Length and entity tag of the archive",
    description:
      "The headers of the archive, without a redirection. It does not begin the download. Before an archive is " +
      "assembled it has neither entity tag nor date, and one that is to be compressed no length.",
    requestParams: { path, query, header: z.object(conditionHeaders) },
    responses: { ...bodiless, "200": described },
  };
  return { get, head };
}

const savedAs = {
  "X-Bit-Filename": z.string().optional().meta({
    description: "File name to save as, as BitPaket has it.",
    example: "my.zip",
  }),
};

const turn = {
  wait: z.string().optional().meta({
    description:
      "Not to be set: a redirection of this service says in it how often the same request was held before.",
    example: "1",
  }),
};

const onlyOfGet: ReadonlySet<string> = new Set(["206", "302", "416"]);

const rangeHeaders = {
  Range: z.string().optional().meta({
    description: "One range of bytes (RFC 9110, section 14.2). Several are answered with the whole.",
    example: "bytes=1024-",
  }),
  "If-Range": z.string().optional().meta({
    description: "The entity tag of what is there already: answered with the whole when it is another now.",
    example: '"fUYy7b2Vq1uCgcYzI3PfUg"',
  }),
};

const conditionHeaders = {
  "If-Match": z.string().optional(),
  "If-None-Match": z.string().optional(),
  "If-Modified-Since": z.string().optional(),
  "If-Unmodified-Since": z.string().optional(),
};

const zip = { "application/zip": {} };

const whole: ZodOpenApiResponseObject = {
  description: "The whole archive",
  headers: z.object({ ...requestId, ...content }),
  content: zip,
};

const described: ZodOpenApiResponseObject = {
  description: "What GET would answer with, now or when the archive is assembled",
  headers: z.object({ ...requestId, ...outlook }),
};

const part: ZodOpenApiResponseObject = {
  description: "The bytes that were asked for",
  headers: z.object({ ...requestId, ...content, ...sentRange }),
  content: zip,
};

const elsewhere: ZodOpenApiResponseObject = {
  description: "The archive is where this leads, or is being assembled and to be asked for again there",
  headers: z.object({ ...requestId, ...location }),
  content: { "text/plain": {} },
};

const bare = z.object({ ...requestId, ...validators });

const unchanged: ZodOpenApiResponseObject = {
  description: "What is there already is the archive",
  headers: bare,
};

const preconditionFailed: ZodOpenApiResponseObject = {
  description: "The archive is not the one that was named",
  headers: bare,
};

const unsatisfiable: ZodOpenApiResponseObject = {
  description: "The archive has no such bytes",
  headers: z.object({ ...requestId, ...validators, ...unsatisfiedRange }),
};
