import { type BallAddress, turnParameter } from "./download-request.ts";

/** Where a ball was asked for, with all of its query. */
export interface TurnAddress extends BallAddress {
  /** Names and values, decoded, in their order. */
  readonly queryParameters: readonly (readonly [name: string, value: string])[];
}

/**
 * The same address for another turn, as a reference that is relative to it: `<uuid>.zip?wait=1&zipball=`. It leads there
 * under every stage and domain. The query alone would do by RFC 3986 (section 5.2.2), but aria2 loses the last segment
 * of the path over it.
 */
export function formatNextTurn(
  { resource, pathParameter, queryParameters }: TurnAddress,
  turn: number,
): string {
  const segment = resource.slice(resource.lastIndexOf("/") + 1);
  const last = segment === "{ball}" ? pathParameter("ball") : segment;
  const others = queryParameters.filter(([name]) => name !== turnParameter);
  const query = [[turnParameter, `${turn}`] as const, ...others].map((pair) => pair.map(encode).join("="));
  return `${encode(last ?? "")}?${query.join("&")}`;
}

/** A lone surrogate is no character, and can not be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
