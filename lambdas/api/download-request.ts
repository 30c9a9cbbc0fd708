import { z } from "zod";
import { BallError } from "../ball/errors.ts";
import { type DeliveryRequest, lastTurn } from "../delivery/delivery.ts";
import type { HeaderLookup } from "../http/evaluate-request.ts";

/** What is needed of a request for a ball. */
interface AddressedRequest extends BallAddress {
  readonly method: string;
  readonly requestId: string;
  readonly header: HeaderLookup;
  readonly query: (name: string) => string | undefined;
}

/** Where a ball was asked for. */
export interface BallAddress {
  /** As the route has it: `/{ball}`, or `/2.0/zip_downloads/{ball}/content`. */
  readonly resource: string;
  readonly pathParameter: (name: string) => string | undefined;
}

/** The query parameter in which a request that was asked to come again says its turn. */
export const turnParameter = "wait";

/**
 * The download a request asks for. The flag `?zipball` of the links is not asked for: an address has one meaning here.
 * Throws: BallError("ball-not-found") for a path that is no ball's.
 */
export function downloadRequestOf(request: AddressedRequest): DeliveryRequest {
  const { method, requestId, header, query } = request;
  return {
    method: method === "HEAD" ? "HEAD" : "GET",
    ballId: ballIdOf(request),
    header,
    requestId,
    fileName: query("X-Bit-Filename"),
    turn: turnOf(query(turnParameter)),
  };
}

/** Anybody can write there what he likes: what was never written by this service is the beginning. */
function turnOf(text: string | undefined): number {
  return text !== undefined && /^[1-9][0-9]*$/.test(text) ? Math.min(Number(text), lastTurn) : 0;
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
