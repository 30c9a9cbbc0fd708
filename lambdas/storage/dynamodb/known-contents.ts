import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Pin } from "../../ball/pin.ts";
import type { ContentName, KnownContent, KnownContents } from "../../crc32/known-contents.ts";
import { deleteItems, getItems, type Item, putItems } from "./batches.ts";
import { pathSubject } from "./catalog-items.ts";

const contentItem = z.object({
  subject: z.string(),
  item: z.string(),
  crc32: z.number().int().nonnegative().max(0xffff_ffff),
  versionId: z.string().optional(),
  mtimeEpochSeconds: z.number().int().optional(),
});

/** Contents in the catalog's table: items of their path, each under its pin (catalog-items.ts). */
export function createKnownContents(dynamoDb: DynamoDBDocumentClient, tableName: string): KnownContents {
  return {
    async find(bucket, contents, signal) {
      const names = new Map(contents.map((name) => [idOf(keysOf(bucket, name)), name]));
      const keys = [...names.values()].map((name) => keysOf(bucket, name));
      // One that was written just now may be missed: it is learned again.
      const items = await getItems({ dynamoDb, tableName, signal }, keys);
      return items.flatMap((item) => decode(item, names));
    },
    async keep(bucket, contents, signal) {
      // DynamoDB refuses a batch that has an item twice.
      const items = new Map(
        contents.map((content) => [idOf(keysOf(bucket, content)), encode(bucket, content)]),
      );
      await putItems({ dynamoDb, tableName, signal }, [...items.values()]);
    },
    async forget(bucket, contents, signal) {
      const keys = new Map(contents.map((name) => [idOf(keysOf(bucket, name)), keysOf(bucket, name)]));
      await deleteItems({ dynamoDb, tableName, signal }, [...keys.values()]);
    },
  };
}

function keysOf(bucket: string, { key, pin }: ContentName) {
  return { subject: pathSubject(bucket, key), item: `content#${textOf(pin)}` };
}

function textOf(pin: Pin): string {
  return pin.kind === "version" ? `version#${pin.versionId}` : `etag#${pin.etag}`;
}

/** Both keys of an item in one text. */
function idOf({ subject, item }: { readonly subject: string; readonly item: string }): string {
  return JSON.stringify([subject, item]);
}

function encode(bucket: string, content: KnownContent): Item {
  const { versionId, mtimeEpochSeconds } = content.version ?? {};
  return {
    ...keysOf(bucket, content),
    crc32: content.crc32,
    ...(versionId === undefined ? {} : { versionId }),
    ...(mtimeEpochSeconds === undefined ? {} : { mtimeEpochSeconds }),
  };
}

function decode(item: Item, names: ReadonlyMap<string, ContentName>): KnownContent[] {
  const { subject, item: sortKey, crc32, versionId, mtimeEpochSeconds } = contentItem.parse(item);
  const name = names.get(idOf({ subject, item: sortKey }));
  if (name === undefined) return [];
  const { key, pin } = name;
  return [
    {
      key,
      pin,
      crc32,
      ...(mtimeEpochSeconds === undefined ? {} : { version: { versionId, mtimeEpochSeconds } }),
    },
  ];
}
