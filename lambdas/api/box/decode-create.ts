import { z } from "zod";
import type { DeliveryWish } from "../../creation/choose-delivery.ts";
import type { Selection } from "../../creation/selection.ts";
import { decodeWish } from "../delivery-wish.ts";
import { keyOfPath, prefixOfFolder } from "../object-path.ts";
import { parseBody } from "../parse-body.ts";
import { type ZipDownloadItem, zipDownloadRequest } from "./schemas.ts";

/** What a `POST /2.0/zip_downloads` asks for. */
export interface AskedZipDownload {
  /** As they were asked for, in the order of `selections`. */
  readonly items: readonly ZipDownloadItem[];
  readonly selections: readonly Selection[];
  /** With its extension; undefined: the archive is called after what is selected. */
  readonly fileName: string | undefined;
  readonly wish: DeliveryWish;
}

/**
 * Reads `{"items":[{"type":"file","id":"/a.txt"},{"type":"folder","id":"/b"}],"download_file_name":"name"}`, and beside
 * them `"delivery":"auto","compression":"stored"`.
 * Throws: BallError("request-too-large"), BallError("invalid-request") that says where, what was expected and what was
 * found.
 */
export function decodeCreate(body: string): AskedZipDownload {
  const { items, download_file_name: name, ...asked } = parseBody(zipDownloadRequest, body);
  const selections = items.map((item, index) => decodeItem(item, `items[${index}].id`));
  // Half a surrogate pair is no character, and nothing that could be stored.
  const fileName = withExtension((name ?? "").toWellFormed());
  return { items, selections, fileName, wish: decodeWish(asked) };
}

const objectId = z.uuidv4();
/** Box's id of the folder that holds everything; a folder called so is `/0`. */
const rootFolderId = "0";

function decodeItem({ type, id }: ZipDownloadItem, at: string): Selection {
  if (type === "folder")
    return { kind: "folder", prefix: prefixOfFolder(id === rootFolderId ? "/" : id, at), at };
  if (objectId.safeParse(id).success) return { kind: "id", id: id.toLowerCase(), override: undefined, at };
  return { kind: "path", key: keyOfPath(id, at), choice: { kind: "newest" }, at };
}

/** Box appends `.zip` to every name; nobody who has written it himself wants it twice. */
function withExtension(name: string): string | undefined {
  if (name === "") return undefined;
  return /\.zip$/i.test(name) ? name : `${name}.zip`;
}
