import { describe, expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import type { FolderSelection, NewestSelection } from "../../lambdas/creation/found-selection.ts";
import { gatherSources } from "../../lambdas/creation/gather-sources.ts";
import { relativeContents } from "../../lambdas/creation/relative-contents.ts";
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
  const partOf = await gatherSources({
    ...{ reader, bucket: "bucket", selections, maxEntries: 100_000 },
    versionedKeys: new Set(),
    missing: async ({ at }) => new BallError("source-not-found", "It is not there", { at }),
  });
  return relativeContents(selections, partOf).objects.map(({ key }) => key);
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
  else await expect(gathered).rejects.toMatchObject({ code: "too-many-entries", at: "objects" });
});
