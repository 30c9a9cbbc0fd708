import { describe, expect, test } from "vitest";
import { readStatus } from "../../lambdas/delivery/read-status.ts";
import { assembledDownload } from "./assembled-download.ts";

const grant = { tokenId: "token", bucket: "bucket", prefixes: [""], requestsPerMinute: 60 };

/** A ball of 9 files and 1,000 bytes, with 1 skipped, and its status. */
async function ballOfNine(compression: "stored" | "deflate" = "stored") {
  const counts = { fileCount: 9, skippedFileCount: 1, lengthBytes: 1000, compression } as const;
  const download = await assembledDownload(counts);
  const { store, assemblies, ball } = download;
  const status = () => readStatus({ store, assemblies }, ball.ballId, grant, new Date());
  /** Tells of groups how far they have come. */
  const tell = async (group: number, doneBytes: number, doneFileCount: number) => {
    const name = { ball, attempt: 1, group };
    await assemblies.lease(name, "worker", { nowEpochMs: 1, untilEpochMs: 2 });
    const progress = { isDone: false, doneBytes, doneFileCount, uploadId: undefined };
    await assemblies.renew(name, "worker", progress, 0);
  };
  return { ...download, status, tell };
}

describe("the status of a ball that is assembled", () => {
  test("is there before anybody asked for it, and counts what is in finished parts", async () => {
    const { status, begin, tell } = await ballOfNine();
    const none = { totalFileCount: 10, skippedFileCount: 1, skippedFolderCount: 0, failure: undefined };
    const underWay = { ...none, state: "in_progress" };
    const at = (assembled: number, downloadedFileCount: number) => ({
      ...underWay,
      downloadedFileCount,
      bytes: { total: 1000, assembled },
    });
    expect(await status()).toEqual(at(0, 0));
    await begin();
    expect(await status()).toEqual(at(0, 0));
    await tell(0, 300, 3);
    await tell(1, 200, 2);
    expect(await status()).toEqual(at(500, 5));
    await tell(0, 500, 6);
    await tell(2, 100, 0);
    expect(await status()).toEqual(at(800, 8));
  });

  test("has succeeded when the archive is complete and a link to it was handed out", async () => {
    const { status, complete, ask } = await ballOfNine();
    await complete();
    const all = { downloadedFileCount: 9, bytes: { total: 1000, assembled: 1000 } };
    expect(await status()).toMatchObject({ ...all, state: "in_progress" });
    await ask({ method: "HEAD" });
    expect(await status()).toMatchObject({ state: "in_progress" });
    await ask();
    expect(await status()).toMatchObject({ ...all, state: "succeeded", failure: undefined });
  });

  test("has failed with the assembly, for its reason, with what is made", async () => {
    const { status, begin, tell, assemblies, ball } = await ballOfNine();
    await begin();
    await tell(0, 300, 3);
    await assemblies.fail(ball, 1, '"a.txt" can not be read', "the message");
    expect(await status()).toMatchObject({
      ...{ state: "failed", failure: '"a.txt" can not be read' },
      ...{ downloadedFileCount: 3, bytes: { total: 1000, assembled: 300 } },
    });
    await assemblies.begin(ball, { attempt: 2, uploadId: "next", groupCount: 2, begunAtEpochSeconds: 2 });
    expect(await status()).toMatchObject({ state: "in_progress", bytes: { assembled: 0 } });
  });

  test("tells the length of a compressed archive when it is there", async () => {
    const { status, begin, tell, complete, ball } = await ballOfNine("deflate");
    await begin();
    await tell(0, 5000, 9);
    expect((await status()).bytes).toEqual({ total: undefined, assembled: 5000 });
    await complete(ball, { lengthBytes: 6000 });
    expect((await status()).bytes).toEqual({ total: 6000, assembled: 6000 });
  });
});
