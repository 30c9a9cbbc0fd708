import { BallError } from "../../ball/errors.ts";
import type { DeliveryWish } from "../../creation/choose-delivery.ts";
import type { Selection, VersionChoice } from "../../creation/selection.ts";
import { decodeWish } from "../delivery-wish.ts";
import { keyOfPath, prefixOfFolder } from "../object-path.ts";
import { parseBody } from "../parse-body.ts";
import { type CreateItem, createRequest } from "./create-request.ts";

/** What a `POST /v2/zipball` asks for. */
export interface AskedBall {
  readonly selections: readonly Selection[];
  readonly wish: DeliveryWish;
}

/**
 * Reads `{"objects":[{"path":"/dir/a.txt"},{"folder":"/other"}],"delivery":"auto","compression":"stored"}`.
 * Throws: BallError("request-too-large"), BallError("invalid-request") that says where, what was expected and what
 * was found.
 */
export function decodeCreate(body: string): AskedBall {
  const { objects, ...asked } = parseBody(createRequest, body);
  return { selections: objects.map(decodeItem), wish: decodeWish(asked) };
}

function decodeItem(item: CreateItem, index: number): Selection {
  const place = `objects[${index}]`;
  const { folder, id, path } = item;
  if (folder !== undefined) {
    const at = `${place}.folder`;
    return { kind: "folder", prefix: prefixOfFolder(folder, at), at };
  }
  if (id !== undefined) {
    const override = decodeOverride(item.override, `${place}.override`);
    return { kind: "id", id: id.toLowerCase(), override, at: `${place}.id` };
  }
  const at = `${place}.path`;
  return { kind: "path", key: keyOfPath(path ?? "", at), choice: decodeChoice(item, place), at };
}

function decodeChoice({ version, revision }: CreateItem, place: string): VersionChoice {
  if (version !== undefined) return { kind: "version", number: version, at: `${place}.version` };
  if (revision !== undefined) return { kind: "revision", revision, at: `${place}.revision` };
  return { kind: "newest" };
}

function decodeOverride(override: string | undefined, at: string): string | undefined {
  if (override === undefined) return undefined;
  const name = keyOfPath(override, at);
  if (!name.endsWith("/")) return name;
  throw new BallError("invalid-request", 'the path of a file was expected, and this one ends in "/"', { at });
}
