import { expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import { gatherSources } from "../../lambdas/creation/gather-sources.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import type { Store } from "../../local/s3/store.ts";
import { testS3 } from "../support/s3.ts";

const count = 10_000;
const s3 = testS3((store) => store.commit(() => fill(store)));

test("10,000 objects are listed in ten requests", async () => {
  const client = s3().newClient();
  const commands: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        commands.push(String(commandName));
        return next(args);
      },
    { step: "initialize" },
  );
  const selection = { kind: "folder", prefix: "f/", at: "objects[0].folder" } as const;
  const partOf = await gatherSources({
    reader: createSourceReader(client),
    bucket: "large",
    selections: [selection],
    maxEntries: count,
    versionedKeys: new Set(),
    missing: async () => new BallError("source-not-found", "It is not there"),
  });
  expect(partOf(selection).objects).toHaveLength(count);
  expect(commands).toEqual(Array.from({ length: 10 }, () => "ListObjectsV2Command"));
});

function fill(store: Store): void {
  store.buckets.create("large", new Date());
  const bucket = store.buckets.find("large");
  if (bucket === undefined) throw new Error("The bucket was not made");
  for (let index = 0; index < count; index += 1) {
    store.versions.put(bucket, {
      key: `f/${index}`,
      modifiedAt: 1_700_000_000,
      size: 0,
      etag: "d41d8cd98f00b204e9800998ecf8427e",
      storageClass: "STANDARD",
      checksum: { algorithm: "CRC32", type: "FULL_OBJECT", value: "AAAAAA==" },
      contentId: store.contents.add([]),
      headers: {},
    });
  }
}
