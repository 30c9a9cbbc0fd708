import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { Paket } from "./paket.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  return () => stack.close();
});

describe("what is not there is refused at its place, and what is there is named", () => {
  let paket: Paket;
  beforeAll(async () => {
    paket = await Paket.open(stack, "deletions", "Enabled");
  });

  test("a version that never was", async () => {
    await paket.upload("never", "1", "2");
    expect(await paket.problem({ path: "/never" }, { path: "/never", version: 7 })).toEqual({
      status: 404,
      at: "objects[1].version",
      reason: "version-not-found",
      message: 'objects[1].version: "/never" has no version 7; it has 1 to 2',
    });
    expect(await paket.problem({ path: "/never", revision: "ffffff" })).toMatchObject({
      at: "objects[0].revision",
      reason: "version-not-found",
      message: expect.stringMatching(
        /has no version whose revision begins with ffffff; it has [0-9a-f]{10}, [0-9a-f]{10}$/,
      ),
    });
    expect(await paket.problem({ path: "/nothing", version: 1 })).toMatchObject({
      ...{ status: 404, at: "objects[0].path", reason: "source-not-found" },
      message: 'objects[0].path: There is no object "/nothing"',
    });
  });

  test("a version that was deleted since, alone or of several; the others keep their numbers", async () => {
    const [, second] = await paket.upload("deleted", "1", "2", "3", "4");
    const id = await paket.idOf("/deleted", 2);
    await paket.remove("deleted", second);
    const message = 'Version 2 of "/deleted" was deleted or replaced; it has 1, 3 to 4';
    for (const others of [[], [{ path: "/deleted", version: 3 }]]) {
      const at = `objects[${others.length}].version`;
      expect(await paket.problem(...others, { path: "/deleted", version: 2 })).toEqual({
        ...{ status: 404, at, reason: "version-not-found", message: `${at}: ${message}` },
      });
    }
    expect(await paket.problem({ id })).toMatchObject({
      ...{ status: 404, at: "objects[0].id", reason: "version-not-found" },
    });
    expect(await paket.contents({ path: "/deleted", version: 3 }, { path: "/deleted", version: 1 })).toEqual({
      deleted: "3",
      "deleted (Version 1)": "1",
    });
  });

  test("an object behind a delete marker, whose versions can still be selected", async () => {
    await paket.upload("folder/gone", "1", "2");
    await paket.upload("folder/here", "here");
    await paket.remove("folder/gone");
    const message =
      'objects[0].path: There is no object "/folder/gone": it was deleted; its earlier versions can be selected by number or id: 1 to 2';
    expect(await paket.problem({ path: "/folder/gone" })).toEqual({
      ...{ status: 404, at: "objects[0].path", reason: "source-not-found", message },
    });
    expect(await paket.contents({ folder: "/folder" }, { path: "/folder/gone", version: 1 })).toEqual({
      "folder/here": "here",
      "folder/gone": "1",
    });
    expect(await paket.problem({ folder: "/folder" }, { path: "/folder/gone" })).toMatchObject({
      at: "objects[1].path",
      reason: "source-not-found",
    });
    // A marker is no upload: it takes no number.
    await paket.upload("folder/gone", "3");
    expect(await paket.contents({ path: "/folder/gone", version: 3 })).toEqual({ gone: "3" });
  });

  test("a revision of two versions", async () => {
    await paket.upload("twins", "same", "other", "same");
    const [newest] = await paket.versions("/twins");
    expect(await paket.problem({ path: "/twins", revision: newest?.revision.slice(0, 6) })).toMatchObject({
      ...{ status: 409, at: "objects[0].revision", reason: "revision-ambiguous" },
      message: expect.stringContaining("versions 1, 3"),
    });
    expect(await paket.contents({ path: "/twins", version: 1 }, { path: "/twins" })).toEqual({
      twins: "same",
      "twins (Version 1)": "same",
    });
  });

  test("a version in an archived storage class", async () => {
    const put = { Bucket: paket.bucket, Key: "cold", Body: "ice" };
    await stack.s3.send(new PutObjectCommand({ ...put, StorageClass: "DEEP_ARCHIVE" }));
    await paket.upload("cold", "warm");
    expect(await paket.problem({ path: "/cold", version: 1 })).toMatchObject({
      ...{ status: 409, at: "objects[0].path", reason: "source-archived" },
      message: expect.stringContaining('"/cold"'),
    });
    expect(await paket.contents({ path: "/cold" })).toEqual({ cold: "warm" });
  });
});

describe("a token", () => {
  const unknown = "b6233520-0ab2-465e-b698-c69c7ed53e2a";
  let paket: Paket;
  let narrow: Paket;
  beforeAll(async () => {
    paket = await Paket.open(stack, "granted", "Enabled");
    narrow = await paket.narrowed("mine/");
    await paket.upload("mine/a", "1", "2");
    await paket.upload("theirs/b", "1", "2");
  });

  test("reads what its prefixes allow, in any version", async () => {
    const id = await narrow.idOf("/mine/a", 1);
    expect(await narrow.contents({ folder: "/mine" }, { id })).toEqual({
      "mine/a": "2",
      "mine/a (Version 1)": "1",
    });
  });

  test.each([
    ["path", { path: "/theirs/b" }],
    ["path", { path: "/theirs/b", version: 1 }],
    ["path", { path: "/theirs/none" }],
    ["path", { path: "/mine" }],
    ["path", { path: "//mine/a" }],
    ["folder", { folder: "/theirs" }],
    ["folder", { folder: "/min" }],
  ])("does not read beyond them: %s %j", async (key, object) => {
    expect(await narrow.problem({ path: "/mine/a" }, object)).toMatchObject({
      ...{ status: 403, at: `objects[1].${key}`, reason: "forbidden" },
    });
  });

  test("learns of an id beyond them, or of another bucket, what it learns of one that never was", async () => {
    const elsewhere = await Paket.open(stack, "elsewhere", "Enabled");
    await elsewhere.upload("mine/a", "1");
    const ids = [
      unknown,
      await paket.idOf("/theirs/b", 1),
      await paket.idOf("/theirs/b", 2),
      await elsewhere.idOf("/mine/a", 1),
    ];
    const told = new Set<string>();
    for (const id of ids) told.add(JSON.stringify(await narrow.problem({ id })).replaceAll(id, "ID"));
    expect([...told]).toEqual([
      JSON.stringify({
        status: 404,
        at: "objects[0].id",
        reason: "source-not-found",
        message: "objects[0].id: There is no object with the id ID",
      }),
    ]);
  });
});
