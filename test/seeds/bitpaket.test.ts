import { PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { entriesOf } from "../e2e/read-zip.ts";
import { bytesOf, post, startTestStack, type TestStack } from "../e2e/test-stack.ts";
import {
  failedAuthentication,
  ofBitpaket,
  overridden,
  severalVersions,
  simple,
} from "./bitpaket-examples.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.s3.send(
    new PutBucketVersioningCommand({
      Bucket: stack.bucket,
      VersioningConfiguration: { Status: "Enabled" },
    }),
  );
  // One after another: the order of uploads is what counts versions.
  for (const number of [1, 2, 3, 4, 5, 6]) await stack.put({ "dir/myfile.exe": `myfile, upload ${number}` });
  for (const number of [1, 2]) await stack.put({ "dir/myfile2.exe": `myfile2, upload ${number}` });
  await stack.put({ "anotherDir/readme.txt": "read me", "anotherDir/deeper/notes.txt": "notes" });
  return () => stack.close();
});

const create = (request: string) => post(stack.api, stack.token, request);

const createdBall = z.object({ data: z.object({ ball_id: z.uuidv4() }) });

/**
 * A response that is the documented one, but for what differs from service to service: the id of the ball and where the
 * service is. Answers the ball's link.
 */
async function expectResponse(response: Response, example: string): Promise<string> {
  expect(response.status).toBe(201);
  const body: unknown = await response.json();
  const { ball_id: ballId } = createdBall.parse(body).data;
  const ours = example.replaceAll(ofBitpaket.ballId, ballId).replaceAll(ofBitpaket.paket, stack.api);
  expect(body).toStrictEqual(JSON.parse(ours));
  return `${stack.api}/${ballId}.zip?zipball`;
}

const contentsOf = async (link: string): Promise<Map<string, string>> => {
  const entries = await entriesOf(await bytesOf(link));
  return new Map(entries.map(({ name, content }) => [name, content.toString()]));
};

const metadata = z.object({
  data: z.object({
    objects: z.array(
      z.object({
        object_id: z.uuidv4(),
        properties: z.object({ version: z.int().nullable(), revision: z.string() }),
      }),
    ),
  }),
});

/** Ids and revisions of a path's versions, newest first, as any client learns them. */
async function versionsOf(path: string) {
  const response = await fetch(`${stack.api}/v2/metadata`, {
    method: "POST",
    headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify({ path }),
  });
  expect(response.status).toBe(200);
  return metadata.parse(await response.json()).data.objects;
}

async function idOfNewest(path: string): Promise<string> {
  const [newest] = await versionsOf(path);
  return newest?.object_id ?? expect.fail(`${path} has no version`);
}

describe("BitPaket's documentation, Request ZipBall", () => {
  test("its request is answered with its response", async () => {
    await expectResponse(await create(simple.request), simple.response);
  });

  test("the zip holds the newest of both objects and all of the folder", async () => {
    const link = await expectResponse(await create(simple.request), simple.response);
    expect(await contentsOf(link)).toEqual(
      new Map([
        ["dir/myfile.exe", "myfile, upload 6"],
        ["dir/myfile2.exe", "myfile2, upload 2"],
        ["anotherDir/deeper/notes.txt", "notes"],
        ["anotherDir/readme.txt", "read me"],
      ]),
    );
  });

  test("the answer is JSON and tells its request's id and what is left of the rate limit", async () => {
    const { headers } = await create(simple.request);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-request-id")).toMatch(/^\S+$/);
    const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
      Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN),
    );
    expect(limit).toBeGreaterThan(0);
    expect(remaining).toBeGreaterThanOrEqual(0);
    expect(remaining).toBeLessThan(limit ?? 0);
    expect(reset).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000));
  });

  test("a zipball is downloaded without a token, and is resumable", async () => {
    const link = await expectResponse(await create(simple.request), simple.response);
    const whole = await fetch(link);
    expect(whole.status).toBe(200);
    const archive = Buffer.from(await whole.arrayBuffer());
    const rest = await fetch(link, {
      headers: { Range: "bytes=100-", "If-Range": whole.headers.get("etag") ?? "" },
    });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer()).equals(archive.subarray(100))).toBe(true);
  });

  test.each([
    ["the root", [{ folder: "/" }], "objects[0].folder"],
    ["nothing", [{ path: "/dir/myfile.exe" }, {}], "objects[1]"],
    ["a path and a folder", [{ path: "/dir/myfile.exe", folder: "/dir" }], "objects[0]"],
    ["a path and an id", [{ path: "/dir/myfile.exe", id: overridden.id }], "objects[0]"],
    ["a folder and an id", [{ folder: "/dir", id: overridden.id }], "objects[0]"],
    ["an id that is no UUIDv4", [{ id: "12345" }], "objects[0].id"],
  ])("an item that names %s is refused, and the answer says which", async (_what, objects, at) => {
    await expectRefused(objects, at);
  });
});

describe("BitPaket's documentation, Adding specific or multiple versions", () => {
  /** The documented request with a revision that the object has: the first one's, in as many digits. */
  async function request(): Promise<string> {
    const oldest = (await versionsOf("/dir/myfile2.exe")).at(-1);
    const revision = oldest?.properties.revision.slice(0, severalVersions.revision.length);
    return severalVersions.request.replace(severalVersions.revision, revision ?? "");
  }

  test("its request is answered with its response", async () => {
    await expectResponse(await create(await request()), severalVersions.response);
  });

  test("the zip holds what it says, each with the bytes of its version", async () => {
    const link = await expectResponse(await create(await request()), severalVersions.response);
    const contents = await contentsOf(link);
    expect([...contents.keys()].map((name) => `/${name}`)).toEqual(
      severalVersions.content.trim().split("\n"),
    );
    expect(contents).toEqual(
      new Map([
        ["myfile.exe", "myfile, upload 6"],
        ["myfile (Version 5).exe", "myfile, upload 5"],
        ["myfile2.exe", "myfile2, upload 1"],
      ]),
    );
  });

  test.each([
    ["a version that is no integer", { path: "/dir/myfile.exe", version: 1.5 }, ".version"],
    ["a version that is text", { path: "/dir/myfile.exe", version: "5" }, ".version"],
    ["a revision that is not hexadecimal", { path: "/dir/myfile.exe", revision: "0e4b563g" }, ".revision"],
    ["a revision in upper case", { path: "/dir/myfile.exe", revision: "0E4B563B" }, ".revision"],
    ["both of them", { path: "/dir/myfile.exe", version: 5, revision: "0e4b563b" }, ""],
    ["a version of a folder", { folder: "/anotherDir", version: 5 }, ""],
    ["a revision of an id", { id: overridden.id, revision: "0e4b563b" }, ""],
  ])("%s is refused", async (_what, item, at) => {
    await expectRefused([item], `objects[0]${at}`);
  });

  test("the documented revision, which the object does not have, is not found", async () => {
    const response = await create(severalVersions.request);
    expect(response.status).toBe(404);
    expect(await response.json()).toStrictEqual({
      success: false,
      error: {
        code: 10_404,
        message: expect.stringContaining("0e4b563b"),
        data: { reason: "version-not-found", at: expect.stringContaining("objects[2]") },
      },
    });
  });
});

describe("BitPaket's documentation, Overriding object paths", () => {
  const request = async (path: string) => overridden.request.replace(overridden.id, await idOfNewest(path));

  test("its request is answered with its response", async () => {
    await expectResponse(await create(await request("/dir/myfile.exe")), overridden.response);
  });

  test("the zip holds the object under the other path", async () => {
    const link = await expectResponse(await create(await request("/dir/myfile.exe")), overridden.response);
    expect(await contentsOf(link)).toEqual(new Map([["my/custom/path/myfile.zip", "myfile, upload 6"]]));
  });

  test("the documented id, which nothing has, is not found", async () => {
    const response = await create(overridden.request);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ success: false, error: { code: 10_404 } });
  });

  test.each([
    ["a path", { path: "/dir/myfile.exe", override: "/my/custom/path/myfile.zip" }],
    ["a folder", { folder: "/anotherDir", override: "/my/custom/path" }],
  ])("%s does not support override", async (_what, item) => {
    await expectRefused([item], "objects[0]");
  });
});

/** 400 in BitPaket's form, with the place in the request. */
async function expectRefused(objects: readonly unknown[], at: string): Promise<void> {
  const response = await create(JSON.stringify({ objects }));
  expect(response.status).toBe(400);
  expect(await response.json()).toStrictEqual({
    success: false,
    error: {
      code: 10_400,
      message: expect.stringContaining(at),
      data: { reason: "invalid-request", at: expect.stringContaining(at) },
    },
  });
}

describe("BitPaket's documentation, Failed authentications", () => {
  test.each(["/v2/zipball", "/v2/metadata"])(
    "%s answers a token that is none with 401 10401",
    async (path) => {
      const response = await fetch(`${stack.api}${path}`, {
        method: "POST",
        headers: { Authorization: "Bearer nobody's", "Content-Type": "application/json; charset=utf-8" },
        body: simple.request,
      });
      expect(response.status).toBe(401);
      const documented = JSON.parse(failedAuthentication);
      const answered: unknown = await response.json();
      // Ours names no domain of an error. It is API Gateway's own answer, one for both dialects.
      expect(answered).toHaveProperty("error", { ...documented.error, data: {} });
      expect(answered).toMatchObject({ success: documented.success });
    },
  );
});
