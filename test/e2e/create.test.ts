import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, test } from "vitest";
import { ballsTable } from "../../local/tables.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { watchS3 } from "./s3-requests.ts";
import { bytesOf, post, type TestStack } from "./test-stack.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let stack: TestStack;
beforeAll(async () => {
  stack = await startQuietStack({
    variables: { DOMAINS: "www.example.com, files.example.org", MAX_ENTRIES: "2500" },
  });
  await stack.put({
    "dir/myfile.exe": "one",
    "dir/myfile2.exe": "two",
    "anotherDir/deep/er/three.txt": "three",
    "anotherDir/four.txt": "four",
    "anotherDir2/not this.txt": "no",
    a: "key a",
    "/a": "key /a",
    "empty/": "",
    "with marker/": "",
    "with marker/five.txt": "five",
  });
  return () => stack.close();
});

const names = async (objects: readonly unknown[]) =>
  (await entriesOf(await bytesOf(await stack.create(objects)))).map(({ name }) => name);
const contents = async (objects: readonly unknown[]) =>
  (await entriesOf(await bytesOf(await stack.create(objects)))).map(({ content }) => `${content}`);
const storedItems = async () =>
  (await stack.dynamoDb.send(new ScanCommand({ TableName: ballsTable, Select: "COUNT" }))).Count;

describe("a ball that is made", () => {
  test("is answered with 201 and the body of BitPaket's documentation", async () => {
    const response = await post(
      stack.api,
      stack.token,
      '{"objects":[{"path":"/dir/myfile.exe"},{"path":"/dir/myfile2.exe"},{"folder":"/anotherDir"}]}',
    );
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const text = await response.text();
    const { ball_id: id } = JSON.parse(text).data;
    expect(id).toMatch(uuid);
    expect(text).toBe(
      JSON.stringify({
        success: true,
        data: {
          ball_id: id,
          urls: {
            url: `${stack.api}/${id}.zip?zipball`,
            domains: [
              { domain: "www.example.com", url: `https://www.example.com/${id}.zip?zipball` },
              { domain: "files.example.org", url: `https://files.example.org/${id}.zip?zipball` },
            ],
          },
        },
      }),
    );
  });

  test("holds the objects and the folder, nested, under the deepest folder they share", async () => {
    expect(await names([{ path: "/dir/myfile.exe" }, { folder: "/anotherDir" }])).toEqual([
      "dir/myfile.exe",
      "anotherDir/deep/er/three.txt",
      "anotherDir/four.txt",
    ]);
    expect(await names([{ path: "/dir/myfile.exe" }, { path: "/dir/myfile2.exe" }])).toEqual([
      "myfile.exe",
      "myfile2.exe",
    ]);
    expect(await names([{ folder: "anotherDir/" }])).toEqual([
      "anotherDir/deep/er/three.txt",
      "anotherDir/four.txt",
    ]);
  });

  test("takes exactly one slash off a path", async () => {
    expect(await contents([{ path: "/a" }])).toEqual(["key a"]);
    expect(await contents([{ path: "a" }])).toEqual(["key a"]);
    expect(await contents([{ path: "//a" }])).toEqual(["key /a"]);
  });

  test("has an object once, however often it is selected", async () => {
    const selection = [
      { path: "/anotherDir/four.txt" },
      { folder: "/anotherDir" },
      { folder: "/anotherDir/deep" },
      { path: "anotherDir/four.txt" },
    ];
    expect((await names(selection)).toSorted()).toEqual([
      "anotherDir/deep/er/three.txt",
      "anotherDir/four.txt",
    ]);
  });

  test("lists a folder once, however often it is named", async () => {
    const requests = watchS3(stack.s3Endpoint);
    const folder = { folder: "/anotherDir" };
    expect((await names(Array.from({ length: 500 }, () => folder))).length).toBe(2);
    expect(requests.lines.filter((line) => line === `GET /${stack.bucket}/`).length).toBeLessThanOrEqual(1);
    expect(requests.lines.length).toBeLessThan(10);
  });

  test("keeps empty folders", async () => {
    expect(await names([{ folder: "/empty" }])).toEqual(["empty/"]);
    expect(await names([{ folder: "/with marker" }])).toEqual(["with marker/", "with marker/five.txt"]);
  });

  test("has every object of a folder of several listing pages", async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `pages/${index % 7}/file ${index}.txt`);
    await stack.put(Object.fromEntries(keys.map((key) => [key, key])));
    const entries = await entriesOf(await bytesOf(await stack.create([{ folder: "/pages" }])));
    expect(entries.map(({ name }) => name).toSorted()).toEqual(keys.toSorted());
    expect(entries.every(({ name, content }) => content.toString() === name)).toBe(true);
    await stack.put({ "pages/one too many": "" });
    await expectProblem({ objects: [{ folder: "/pages" }] }, 422, "objects", /2500/);
  }, 120_000);
});

async function expectProblem(
  request: unknown,
  status: number,
  at: string | undefined,
  message: RegExp,
): Promise<void> {
  const before = await storedItems();
  const body = typeof request === "string" ? request : JSON.stringify(request);
  const response = await post(stack.api, stack.token, body);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
  const problem: unknown = JSON.parse(await response.text());
  expect(problem).toEqual({
    success: false,
    error: {
      code: 10_000 + status,
      message: expect.stringMatching(message),
      data: { reason: expect.stringMatching(/^[a-z-]+$/), ...(at !== undefined && { at }) },
    },
  });
  if (at !== undefined) expect(problem).toHaveProperty("error.message", expect.stringContaining(`${at}: `));
  expect(await storedItems()).toBe(before);
}

const some = { path: "/a" };

describe("a request that no ball can be made of is refused, naming the item, and nothing is stored", () => {
  test.each<[what: string, request: unknown, status: number, at: string | undefined, message: RegExp]>([
    ["nothing at all", "", 400, undefined, /not JSON/],
    ["what is not JSON", "{objects:[]}", 400, undefined, /not JSON/],
    ["a list", "[]", 400, "request body", /an object was expected, not a list/],
    ["null", "null", 400, "request body", /an object was expected, not null/],
    ["a string", '"objects"', 400, "request body", /an object was expected/],
    ["no list", {}, 400, "objects", /a list/],
    ["an object for the list", { objects: {} }, 400, "objects", /a list/],
    ["an empty list", { objects: [] }, 400, "objects", /empty/],
    ["an unknown key beside the list", { objects: [some], color: 1 }, 400, "color", /not known/],
    ["an item that is a string", { objects: ["/a"] }, 400, "objects[0]", /an object was expected/],
    ["an item that is null", { objects: [some, null] }, 400, "objects[1]", /an object was expected/],
    ["an item with nothing in it", { objects: [some, {}] }, 400, "objects[1]", /exactly one/],
    ["an item with two", { objects: [{ ...some, folder: "/x" }] }, 400, "objects[0]", /folder and path/],
    ["an item with a misspelt key", { objects: [{ ...some, pth: 1 }] }, 400, "objects[0].pth", /not known/],
    ["a path that is a number", { objects: [{ path: 5 }] }, 400, "objects[0].path", /a string/],
    ["a path that is null", { objects: [{ path: null }] }, 400, "objects[0].path", /a string/],
    ["a folder that is a list", { objects: [{ folder: ["/a"] }] }, 400, "objects[0].folder", /a string/],
    ["an id that is no UUID", { objects: [{ id: "17" }] }, 400, "objects[0].id", /UUID/],
    ["the root folder", { objects: [some, { folder: "/" }] }, 400, "objects[1].folder", /root/],
    ["an empty folder name", { objects: [{ folder: "" }] }, 400, "objects[0].folder", /root/],
    ["the root as a path", { objects: [{ path: "/" }] }, 400, "objects[0].path", /root/],
    [
      "a path longer than a key",
      { objects: [{ path: `/${"ä".repeat(513)}` }] },
      400,
      "objects[0].path",
      /1026/,
    ],
    ["half a character", '{"objects":[{"path":"/\\ud800"}]}', 400, "objects[0].path", /surrogate/],
    ["an object that does not exist", { objects: [some, { path: "/A" }] }, 404, "objects[1].path", /"\/A"/],
    ["a folder that does not exist", { objects: [{ folder: "/no" }] }, 404, "objects[0].folder", /"\/no\/"/],
    [
      "a part of a folder's name",
      { objects: [{ folder: "/anotherDi" }] },
      404,
      "objects[0].folder",
      /folder/,
    ],
    ["a folder as a path", { objects: [{ path: "/anotherDir" }] }, 404, "objects[0].path", /anotherDir/],
    [
      "an id nobody has given",
      { objects: [{ id: "b6233520-0ab2-465e-b698-c69c7ed53e2a" }] },
      404,
      "objects[0].id",
      /b6233520/,
    ],
  ])("%s", async (_what, request, status, at, message) => {
    await expectProblem(request, status, at, message);
  });

  test("a body of more than 1 MiB", async () => {
    const padding = " ".repeat(1024 * 1024);
    await expectProblem(`{"objects":[{"path":"/a"}]}${padding}`, 413, undefined, /1048576/);
  });

  test("a body of exactly 1 MiB is still read", async () => {
    const body = '{"objects":[{"path":"/a"}]}';
    const response = await post(stack.api, stack.token, body.padEnd(1024 * 1024));
    expect(response.status).toBe(201);
  });

  test("an object in an archived storage class, alone and in a folder", async () => {
    for (const storageClass of ["GLACIER", "DEEP_ARCHIVE"] as const) {
      const Key = `frozen/${storageClass}.bin`;
      await stack.s3.send(
        new PutObjectCommand({ Bucket: stack.bucket, Key, Body: "ice", StorageClass: storageClass }),
      );
      await expectProblem({ objects: [some, { path: Key }] }, 409, "objects[1].path", new RegExp(Key));
    }
    await expectProblem({ objects: [{ folder: "/frozen" }] }, 409, "objects[0].folder", /frozen\//);
  });
});

describe("a caller without a valid token", () => {
  test.each([
    ["none", {}],
    ["a wrong one", { Authorization: "Bearer wrong" }],
    ["another scheme", { Authorization: "Basic dXNlcjpwYXNz" }],
    ["an empty one", { Authorization: "Bearer " }],
  ])("%s: 401 in both dialects' shapes", async (_what, headers) => {
    const init = { method: "POST", headers, body: '{"objects":[{"path":"/a"}]}' };
    const response = await fetch(`${stack.api}/v2/zipball`, init);
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
    expect(text).toMatch(
      /^\{"success":false,"error":\{"code":10401,"message":"The access token is invalid","data":\{\}\}/,
    );
    expect(JSON.parse(text)).toMatchObject({ type: "error", status: 401, code: "unauthorized" });
  });

  test("the scheme's name is read in any case", async () => {
    const response = await fetch(`${stack.api}/v2/zipball`, {
      method: "POST",
      headers: { Authorization: `bearer ${stack.token}` },
      body: '{"objects":[{"path":"/a"}]}',
    });
    expect(response.status).toBe(201);
  });
});
