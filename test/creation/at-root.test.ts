import { beforeAll, describe, expect, test } from "vitest";
import type { CreatedBall } from "../../lambdas/creation/ball-request.ts";
import { createBall } from "../../lambdas/creation/create-ball.ts";
import type { Selection } from "../../lambdas/creation/selection.ts";
import { creationBench, folder, path, requestFor } from "./creation-bench.ts";

const { s3, store, contextWith } = creationBench();

let bucket = "";
beforeAll(async () => {
  bucket = await s3().newBucket({ versioning: "Enabled" });
  const keys = [
    "a/Report.pdf",
    "b/report.PDF",
    "a/sub/x",
    "a/sub/deep/y",
    "c/sub/x",
    "top",
    "d/File",
    "d/file",
  ];
  for (const key of keys) await s3().put(bucket, key);
  await s3().put(bucket, "d/empty/", "");
});

async function make(selections: readonly Selection[], maxEntries = 100): Promise<CreatedBall> {
  return await createBall(contextWith({ maxEntries }), requestFor(bucket, selections, { naming: "at-root" }));
}

/** Keys and names, in the order of the archive. */
async function entriesOf({ ball }: CreatedBall): Promise<[key: string, name: string][]> {
  const manifest = await store().getManifest(ball);
  return Array.from({ length: manifest.entryCount }, (_, entry) => [
    manifest.key(entry),
    Buffer.from(manifest.nameBytes(entry)).toString(),
  ]);
}

describe("items at the root", () => {
  test("stand for themselves, also those that lie in another", async () => {
    const created = await make([folder("a/"), path("a/sub/x"), folder("a/sub/"), path("top"), path("top")]);
    expect(await entriesOf(created)).toEqual([
      ["a/Report.pdf", "a/Report.pdf"],
      ["a/sub/deep/y", "a/sub/deep/y"],
      ["a/sub/x", "a/sub/x"],
      ["a/sub/x", "x"],
      ["a/sub/deep/y", "sub/deep/y"],
      ["a/sub/x", "sub/x"],
      ["top", "top"],
    ]);
    expect(created.nameConflicts).toEqual([]);
    expect([created.ball.entryCount, created.ball.fileCount]).toEqual([7, 7]);
  });

  test("that want one name are renamed, and told of by their selections", async () => {
    const selections = [path("top"), path("a/Report.pdf"), path("top"), path("b/report.PDF"), folder("d/")];
    const created = await make(selections);
    const names = new Map(await entriesOf(created));
    expect(created.nameConflicts).toEqual([
      [
        {
          ...{ kind: "file", selection: 1, path: "a/Report.pdf", originalName: "Report.pdf" },
          downloadName: names.get("a/Report.pdf"),
        },
        {
          ...{ kind: "file", selection: 3, path: "b/report.PDF", originalName: "report.PDF" },
          downloadName: names.get("b/report.PDF"),
        },
      ],
      ["d/File", "d/file"].map((key) => ({
        ...{ kind: "file", selection: undefined, path: key, originalName: key.slice(2) },
        downloadName: names.get(key)?.slice(2),
      })),
    ]);
    expect([...names.values()]).toEqual([
      "top",
      expect.stringMatching(/^[0-9a-f]{6}\.pdf$/),
      expect.stringMatching(/^[0-9a-f]{6}\.PDF$/),
      expect.stringMatching(/^d\/[0-9a-f]{6}$/),
      "d/empty/",
      expect.stringMatching(/^d\/[0-9a-f]{6}$/),
    ]);
  });

  test("that are folders of one name are not merged", async () => {
    const created = await make([folder("a/sub/"), folder("c/sub/")]);
    const [[one, other] = []] = created.nameConflicts;
    expect([one, other]).toMatchObject([
      { kind: "folder", selection: 0, path: "a/sub", originalName: "sub" },
      { kind: "folder", selection: 1, path: "c/sub", originalName: "sub" },
    ]);
    expect(await entriesOf(created)).toEqual([
      ["a/sub/deep/y", `${one?.downloadName}/deep/y`],
      ["a/sub/x", `${one?.downloadName}/x`],
      ["c/sub/x", `${other?.downloadName}/x`],
    ]);
  });

  test("are the same archive when they are selected again", async () => {
    const selections = [folder("a/"), path("a/Report.pdf"), path("b/report.PDF")];
    const [one, other] = [await make(selections), await make(selections)];
    expect(other.ball.etag).toBe(one.ball.etag);
    expect(other.nameConflicts).toEqual(one.nameConflicts);
  });

  test("are versions by their ids; the newest of a path is the path's own", async () => {
    await s3().put(bucket, "v/doc.txt", "first");
    await s3().put(bucket, "v/doc.txt", "second");
    const [first, second] = await contextWith().catalog.versionsOf(bucket, "v/doc.txt");
    const byId = (id = ""): Selection => ({ kind: "id", id, override: undefined, at: "items[0].id" });
    const once = await make([path("v/doc.txt"), byId(second?.id), byId(second?.id)]);
    expect(await entriesOf(once)).toEqual([["v/doc.txt", "doc.txt"]]);
    const both = await make([byId(first?.id), path("v/doc.txt")]);
    expect(both.nameConflicts).toMatchObject([
      [
        { selection: 0, path: "v/doc.txt", originalName: "doc.txt" },
        { selection: 1, path: "v/doc.txt", originalName: "doc.txt" },
      ],
    ]);
    const manifest = await store().getManifest(both.ball);
    expect([manifest.sizeBytes(0), manifest.sizeBytes(1)]).toEqual([5, 6]);
  });

  test("count as often as they are there", async () => {
    const nested = [folder("a/"), folder("a/sub/"), folder("a/sub/deep/")];
    expect((await make(nested, 6)).ball.entryCount).toBe(6);
    await expect(make(nested, 5)).rejects.toMatchObject({ code: "too-many-entries" });
  });
});
