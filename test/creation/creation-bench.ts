import type { BallStore } from "../../lambdas/ball/ball.ts";
import { createCatalog } from "../../lambdas/catalog/catalog.ts";
import type { BallRequest } from "../../lambdas/creation/ball-request.ts";
import type { CreationContext } from "../../lambdas/creation/create-ball.ts";
import type { Selection } from "../../lambdas/creation/selection.ts";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { createCatalogStore } from "../../lambdas/storage/dynamodb/catalog-store.ts";
import { createKnownContents } from "../../lambdas/storage/dynamodb/known-contents.ts";
import { createSourceReader } from "../../lambdas/storage/s3/source-reader.ts";
import { createVersionLister } from "../../lambdas/storage/s3/version-lister.ts";
import { ballsTable, catalogTable } from "../../local/tables.ts";
import { type TestDynamodb, testDynamodb } from "../support/dynamodb.ts";
import { MemoryAssemblyQueue } from "../support/memory-assembly-queue.ts";
import { type TestS3, testS3 } from "../support/s3.ts";

/** What creating balls needs, against the embedded servers. */
export interface CreationBench {
  readonly s3: () => TestS3;
  readonly store: () => BallStore;
  /** All items of the table of balls. */
  readonly storedItems: () => ReturnType<TestDynamodb["scan"]>;
  /** Generous limits, but for those a test sets. */
  contextWith(more?: Partial<CreationContext>): CreationContext;
}

/** Starts the servers for the tests of one file. */
export function creationBench(): CreationBench {
  const s3 = testS3();
  const dynamodb = testDynamodb();
  const store = () => createBallStore(dynamodb().newClient(), ballsTable);
  return {
    s3,
    store,
    storedItems: () => dynamodb().scan(ballsTable),
    contextWith: (more = {}) => ({
      reader: createSourceReader(s3().client),
      store: store(),
      queue: new MemoryAssemblyQueue(),
      catalog: createCatalog({
        store: createCatalogStore(dynamodb().newClient(), catalogTable),
        lister: createVersionLister(s3().client),
      }),
      contents: createKnownContents(dynamodb().newClient(), catalogTable),
      maxEntries: 100_000,
      crcBudgetMs: 60_000,
      deliveryLimits: { streamedBytes: undefined, compressedBytes: 8 * 1024 ** 3 },
      ...more,
    }),
  };
}

export const path = (key: string, at = "objects[0].path"): Selection => ({
  kind: "path",
  key,
  choice: { kind: "newest" },
  at,
});

export const folder = (prefix: string, at = "objects[0].folder"): Selection => ({
  kind: "folder",
  prefix,
  at,
});

/** A request for what is selected, by whoever may read the whole bucket. */
export const requestFor = (
  bucket: string,
  selections: readonly Selection[],
  more: Partial<BallRequest> = {},
): BallRequest => ({
  grant: { tokenId: "test", bucket, prefixes: [""], requestsPerMinute: 600 },
  selections,
  wish: { delivery: "auto", compression: "stored" },
  naming: "relative",
  fileName: undefined,
  lifetime: { seconds: 3600, fromStartSeconds: undefined },
  ...more,
});
