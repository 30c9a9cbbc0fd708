import { z } from "zod";
import { BallError } from "../ball/errors.ts";
import type { DownloadRequest } from "../delivery/open-download.ts";
import type { HeaderLookup } from "../http/evaluate-request.ts";

/** What is needed of a request for a ball. */
interface AddressedRequest extends BallAddress {
  readonly method: string;
  readonly header: HeaderLookup;
}

/** Where a ball was asked for. */
interface BallAddress {
  /** As the route has it: `/{ball}`, or `/2.0/zip_downloads/{ball}/content`. */
  readonly resource: string;
  readonly pathParameter: (name: string) => string | undefined;
}

/**
 * The download a request asks for. The flag `?zipball` of the links is not asked for: an address has one meaning here.
 * Throws: BallError("ball-not-found") for a path that is no ball's.
 */
export function downloadRequestOf(request: AddressedRequest): DownloadRequest {
  const { method, header } = request;
  return { method: method === "HEAD" ? "HEAD" : "GET", ballId: ballIdOf(request), header };
}

const zipName = /^(.+)\.zip$/;

/**
 * The ball an address names: `<uuid>.zip` at the root, `<uuid>` where a segment of its own says what is asked of it.
 * Throws: BallError("ball-not-found") for a path that is no ball's.
 */
export function ballIdOf({ resource, pathParameter }: BallAddress): string {
  const segment = pathParameter("ball") ?? "";
  const ballId = z.uuidv4().safeParse(resource === "/{ball}" ? zipName.exec(segment)?.[1] : segment);
  if (!ballId.success) throw new BallError("ball-not-found", "There is no such ball");
  return ballId.data.toLowerCase();
}
