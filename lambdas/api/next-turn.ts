import { type BallAddress, turnParameter } from "./download-request.ts";

/** Where a ball was asked for, with all of its query. */
export interface TurnAddress extends BallAddress {
  /** Base of links, without a slash at its end. */
  readonly publicUrl: string;
  /** Names and values, decoded, in their order. */
  readonly queryParameters: readonly (readonly [name: string, value: string])[];
}

/**
 * The same address for another turn: `https://zip.example.com/<uuid>.zip?wait=1&zipball=`. It is whole because a relative
 * one (RFC 9110, section 10.2.2) is refused by Box's SDK, and aria2 takes one of a query alone for the folder's.
 */
export function formatNextTurn(address: TurnAddress, turn: number): string {
  const { publicUrl, resource, pathParameter, queryParameters } = address;
  const path = resource.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encode(pathParameter(name) ?? ""));
  const others = queryParameters.filter(([name]) => name !== turnParameter);
  const query = [[turnParameter, `${turn}`] as const, ...others].map((pair) => pair.map(encode).join("="));
  return `${publicUrl}${path}?${query.join("&")}`;
}

/** A lone surrogate is no character, and can not be encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
