import { z } from "zod";
import { BallError } from "../ball/errors.ts";
import type { DownloadRequest } from "../delivery/open-download.ts";
import type { HeaderLookup } from "../http/evaluate-request.ts";

/** What is needed of a request for `/<ball_id>.zip`. */
interface AddressedRequest {
  readonly method: string;
  readonly header: HeaderLookup;
  readonly pathParameter: (name: string) => string | undefined;
}

const zipName = /^(.+)\.zip$/;

/**
 * The download a request asks for. The flag `?zipball` of the links is not asked for: an address has one meaning here.
 * Throws: BallError("ball-not-found") for a path that is no ball's.
 */
export function downloadRequestOf({ method, header, pathParameter }: AddressedRequest): DownloadRequest {
  const ballId = z.uuidv4().safeParse(zipName.exec(pathParameter("ball") ?? "")?.[1]);
  if (!ballId.success) throw new BallError("ball-not-found", "There is no such ball");
  return { method: method === "HEAD" ? "HEAD" : "GET", ballId: ballId.data.toLowerCase(), header };
}
