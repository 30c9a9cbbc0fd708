import { describe, expect, test } from "vitest";
import { allSelected, BallError } from "../../lambdas/ball/errors.ts";
import type { SourceObject } from "../../lambdas/ball/source.ts";
import type { FolderSelection, NewestSelection } from "../../lambdas/creation/found-selection.ts";
import { gatherSources } from "../../lambdas/creation/gather-sources.ts";
import { relativeEntries } from "../../lambdas/creation/relative-entries.ts";
import { MemorySources } from "../support/memory-sources.ts";

type Gatherable = FolderSelection | NewestSelection;
const folder = (prefix: string, at = prefix): Gatherable => ({ kind: "folder", prefix, at });
const path = (key: string, at = key): Gatherable => ({ kind: "newest", key, at });

function bucketOf(...keys: string[]): MemorySources {
  const sources = new MemorySources();
  for (const key of keys) sources.put(key, "x");
  return sources;
}

async function gather(reader: MemorySources, ...selections: Gatherable[]): Promise<string[]> {
  return (await gatherBeside(new Set(), reader, ...selections)).map(({ key }) => key);
}

/** The objects of a ball in which versions of some keys are, too. */
async function gatherBeside(
  versionedKeys: ReadonlySet<string>,
  reader: MemorySources,
  ...selections: Gatherable[]
): Promise<readonly SourceObject[]> {
  const partOf = await gatherSources({
    ...{ reader, bucket: "bucket", selections, maxEntries: 100_000 },
    versionedKeys,
    missing: async ({ at }) => new BallError("source-not-found", "It is not there", { at }),
  });
  return relativeEntries(selections, partOf).objects;
}

describe("selections that lie in a selected folder", () => {
  const keys = ["a/1", "a/b/2", "a/b/c/3"];

  test("come with it, whatever their order, and nothing is listed or described for them", async () => {
    const sources = bucketOf(...keys);
    const selections = [folder("a/b/c/"), path("a/1"), folder("a/b/"), folder("a/"), path("a/b/2")];
    expect(await gather(sources, ...selections)).toEqual(keys);
    expect(sources.described).toEqual([]);
  });

  test.each([
    ["an object", path("a/none", "objects[1].path")],
    ["a folder", folder("a/none/", "objects[1].folder")],
    ["a folder whose name only begins like that of an object", folder("a/b/2/", "objects[1].folder")],
  ])("have to exist all the same: %s", async (_what, missing) => {
    await expect(gather(bucketOf(...keys), folder("a/"), missing)).rejects.toMatchObject({
      code: "source-not-found",
      at: missing.at,
    });
  });

  test("are a folder and its own marker", async () => {
    const sources = bucketOf("a/", "a/1");
    expect(await gather(sources, path("a/"), folder("a/"))).toEqual(["a/", "a/1"]);
    expect(await gather(sources, path("a/"))).toEqual(["a/"]);
  });

  test("are asked for their version where other versions of them are selected", async () => {
    const sources = bucketOf(...keys);
    const objects = await gatherBeside(new Set(["a/b/2", "a/none"]), sources, folder("a/"), folder("a/b/"));
    expect(sources.described).toEqual(["a/b/2"]);
    expect(objects.map(({ crc32 }) => typeof crc32)).toEqual(["string", "number", "string"]);
  });

  test("are each there once when a folder of 10,000 objects is selected 10,000 times", async () => {
    const sources = bucketOf(...Array.from({ length: 10_000 }, (_, index) => `a/${index}`));
    const selections = Array.from({ length: 10_000 }, () => folder("a/"));
    expect(await gather(sources, ...selections, path("a/1"))).toHaveLength(10_000);
  });

  test("do not include a folder beside it whose name begins alike", async () => {
    expect(await gather(bucketOf("a/1", "ab/2"), folder("a/"), folder("ab/"))).toEqual(["a/1", "ab/2"]);
  });
});

test.each([
  [300_000, true],
  [300_001, false],
])("objects in %i folders: may be one ball is %s", async (folderCount, isAllowed) => {
  const sources = new MemorySources();
  const deep = (count: number, name: string) => `${name}/`.repeat(count);
  // Each object is in 400 folders of its own below the one that is selected.
  const whole = Math.floor((folderCount - 1) / 400);
  for (let index = 0; index < whole; index += 1) sources.put(`s/${index}${deep(400, "x")}f`, "x");
  const rest = folderCount - 1 - whole * 400;
  if (rest > 0) sources.put(`s/last${deep(rest, "x")}f`, "x");
  const gathered = gather(sources, folder("s/"));
  if (isAllowed) expect((await gathered).length).toBe(whole + 1);
  else await expect(gathered).rejects.toMatchObject({ code: "too-many-entries", at: allSelected });
});
