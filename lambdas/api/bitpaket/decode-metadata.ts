import { z } from "zod";
import { BallError } from "../../ball/errors.ts";
import { keyOfPath } from "../object-path.ts";
import { parseBody } from "../parse-body.ts";

export const metadataRequest = z
  .strictObject({
    path: z.string().meta({ description: "Path of an object.", example: "/dir/myfile.exe" }),
    before: z.int().min(1).optional().meta({
      description:
        "Only versions behind the one of this number; to go on behind an answer that was truncated.",
    }),
  })
  .meta({ id: "MetadataRequest", description: "What `POST /v2/metadata` asks for." });

/** Whose versions are asked for. */
export interface AskedPath {
  readonly key: string;
  /** Only versions behind the one of this number; undefined: all. */
  readonly before: number | undefined;
}

/**
 * What a `POST /v2/metadata` asks for: `{"path":"/dir/a.txt"}`.
 * Throws: BallError("request-too-large"), BallError("invalid-request").
 */
export function decodeMetadata(body: string): AskedPath {
  const { path, before } = parseBody(metadataRequest, body);
  return { key: keyOfPath(path, "path"), before };
}

const objectId = z.uuidv4();

/** The object id of `GET /v2/metadata/{id}`. Throws: BallError("invalid-request") for what is no UUIDv4. */
export function decodeObjectId(segment: string | undefined): string {
  const { success, data } = objectId.safeParse(segment);
  if (success) return data.toLowerCase();
  throw new BallError("invalid-request", `a UUID of version 4 was expected, not ${JSON.stringify(segment)}`, {
    at: "id",
  });
}
