import { z } from "zod";

/** Headers of answers. Each is described once and is a component of the document. */

const requestIdText = z.string().meta({ example: "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d" });

/** Of every answer that a function gives. */
export const requestId = {
  "X-Request-Id": requestIdText.meta({
    description: "Names the request in this service's log.",
    header: { id: "XRequestId" },
  }),
};

/** Of an answer that API Gateway may give by itself. */
export const requestIdOrNot = {
  "X-Request-Id": requestIdText.optional().meta({
    description:
      "Names the request in this service's log. An answer of API Gateway itself has the id as `request_id` in its body.",
    header: { id: "XRequestIdOrNot" },
  }),
};

const whenCounted = "Not there when the request was not counted, as one that API Gateway refuses by itself.";

/** Of every answer to a caller with a token. */
export const rateLimit = {
  "X-RateLimit-Limit": z
    .int()
    .optional()
    .meta({
      description: `Requests the token may make in a minute. ${whenCounted}`,
      example: 600,
      header: { id: "XRateLimitLimit" },
    }),
  "X-RateLimit-Remaining": z
    .int()
    .optional()
    .meta({
      description: `How many of them are left in this minute. ${whenCounted}`,
      example: 599,
      header: { id: "XRateLimitRemaining" },
    }),
  "X-RateLimit-Reset": z
    .int()
    .optional()
    .meta({
      description: `When the next minute begins, in seconds since 1970. ${whenCounted}`,
      example: 1_531_048_800,
      header: { id: "XRateLimitReset" },
    }),
};

export const retryAfter = {
  "Retry-After": z
    .int()
    .positive()
    .optional()
    .meta({
      description: "Seconds after which it is worth asking again.",
      example: 17,
      header: { id: "RetryAfter" },
    }),
};

export const wwwAuthenticate = {
  "WWW-Authenticate": z.literal("Bearer").meta({ header: { id: "WwwAuthenticate" } }),
};

/** Of a redirection. */
export const location = {
  Location: z.url().meta({
    description: "Where to ask next.",
    example: "https://api.example.com/e7d86f8c-f53e-4ec5-aee6-5e0408296dbe.zip?wait=1",
    header: { id: "Location" },
  }),
};

/** Of every answer about an archive that is there. */
export const validators = {
  ETag: z.string().meta({
    description:
      "Strong entity tag of the archive. The same tag is the same bytes, whichever range is asked for.",
    example: '"fUYy7b2Vq1uCgcYzI3PfUg"',
    header: { id: "ETag" },
  }),
  "Last-Modified": z.string().meta({
    description: "When the archive was planned, or its assembly was complete.",
    example: "Sun, 08 Jul 2018 11:19:11 GMT",
    header: { id: "LastModified" },
  }),
  "Accept-Ranges": z.literal("bytes").meta({ header: { id: "AcceptRanges" } }),
};

/** Of every answer with bytes of an archive. */
export const content = {
  ...validators,
  "Content-Length": z.int().meta({
    description: "Exact length of the body in bytes.",
    example: 19_256,
    header: { id: "ContentLength" },
  }),
  "Content-Disposition": z.string().meta({
    description: "The file name to save as.",
    example: 'attachment; filename="dir.zip"',
    header: { id: "ContentDisposition" },
  }),
};

/** Of an answer about an archive that may still be assembled: what is not known of it then may not be there. */
export const outlook = {
  ETag: validators.ETag.optional().meta({
    description: "Strong entity tag of the archive, once it is there.",
    header: { id: "ETagOrNot" },
  }),
  "Last-Modified": validators["Last-Modified"].optional().meta({
    description: "When the archive was planned, or assembled.",
    header: { id: "LastModifiedOrNot" },
  }),
  "Accept-Ranges": validators["Accept-Ranges"],
  "Content-Length": content["Content-Length"].optional().meta({
    description: "Exact length of the archive in bytes, as soon as it is known.",
    header: { id: "ContentLengthOrNot" },
  }),
  "Content-Disposition": content["Content-Disposition"],
};

const contentRange = (description: string, example: string, id: string) => ({
  "Content-Range": z.string().meta({ description, example, header: { id } }),
});

export const sentRange = contentRange("Which bytes these are.", "bytes 0-1023/19256", "ContentRange");

export const unsatisfiedRange = contentRange(
  "How long the archive is.",
  "bytes */19256",
  "UnsatisfiedContentRange",
);
