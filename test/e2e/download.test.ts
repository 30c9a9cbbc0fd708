import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import pMap from "p-map";
import { beforeAll, describe, expect, test } from "vitest";
import { ballsTable } from "../../local/tables.ts";
import { startQuietStack } from "./quiet-stack.ts";
import { entriesOf } from "./read-zip.ts";
import { watchS3 } from "./s3-requests.ts";
import { bytesOf, patternBytes, type TestStack } from "./test-stack.ts";

let stack: TestStack;
let link: string;
let whole: Buffer;
let etag: string;
let lastModified: string;

beforeAll(async () => {
  stack = await startQuietStack();
  await stack.put({
    "Grüße ☀/small.txt": "small",
    "Grüße ☀/empty.txt": "",
    "Grüße ☀/nested/big.bin": patternBytes(5 * 1024 * 1024 + 7, 1),
    "Grüße ☀/nested/void/": "",
    "Grüße ☀/other.bin": patternBytes(100_000, 2),
  });
  link = await stack.create([{ folder: "/Grüße ☀" }]);
  const response = await fetch(link);
  whole = Buffer.from(await response.arrayBuffer());
  etag = response.headers.get("etag") ?? "";
  lastModified = response.headers.get("last-modified") ?? "";
  return () => stack.close();
});

/** What the server says, header by header, without what belongs to the connection and the one request. */
async function headersOf(method: string, url: string, headers: Record<string, string> = {}) {
  const sent = request(url, { method, agent: false, headers }).end();
  const [response]: IncomingMessage[] = await once(sent, "response");
  if (response === undefined) throw new Error("There is no response");
  let bodyBytes = 0;
  for await (const chunk of response) bodyBytes += chunk.length;
  const { date, connection, "x-request-id": requestId, "x-amzn-requestid": _, ...rest } = response.headers;
  return { status: response.statusCode, headers: rest, requestId, bodyBytes };
}

const download = (headers: Record<string, string>) => fetch(link, { headers });

describe("the headers of a download", () => {
  test("are exactly these", async () => {
    const { status, headers, requestId, bodyBytes } = await headersOf("GET", link);
    expect(status).toBe(200);
    expect(requestId).toMatch(/^[\w-]{8,}$/);
    expect(bodyBytes).toBe(whole.length);
    expect(headers).toEqual({
      "content-length": `${whole.length}`,
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="Gr??e ?.zip"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E2%98%80.zip`,
      etag: expect.stringMatching(/^"[\w-]{32}"$/),
      "last-modified": expect.stringMatching(/ GMT$/),
      "accept-ranges": "bytes",
      "cache-control": "private, no-transform",
      "x-content-type-options": "nosniff",
    });
    expect(Math.abs(Date.parse(lastModified) - Date.now())).toBeLessThan(120_000);
  });

  test("are the same for HEAD, which has no body and reads no source", async () => {
    const requests = watchS3(stack.s3Endpoint);
    const get = await headersOf("GET", link);
    const readBefore = requests.lines.length;
    const head = await headersOf("HEAD", link);
    expect(head).toEqual({ ...get, requestId: head.requestId, bodyBytes: 0 });
    expect(requests.lines.length).toBe(readBefore);
    expect(readBefore).toBeGreaterThan(0);
  });

  test.each([
    ["report.zip", "attachment; filename=report.zip"],
    ["Übersicht.zip", "attachment; filename=\"?bersicht.zip\"; filename*=UTF-8''%C3%9Cbersicht.zip"],
    [
      "日本 😀.zip",
      "attachment; filename=\"?? ??.zip\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%F0%9F%98%80.zip",
    ],
    ['a"b\\c/d\r\nX: y.zip', 'attachment; filename="a_b_c_d__X_ y.zip"'],
    ["..", "attachment; filename=download.zip"],
    ["", "attachment; filename=download.zip"],
  ])("X-Bit-Filename %j names the file to save as", async (fileName, expected) => {
    const { status, headers } = await headersOf(
      "HEAD",
      `${link}&X-Bit-Filename=${encodeURIComponent(fileName)}`,
    );
    expect(status).toBe(200);
    expect(headers["content-disposition"]).toBe(expected);
  });

  test("a file name that is cut is cut between characters, and keeps its extension", async () => {
    const fileName = `${"a".repeat(195)}${"😀".repeat(100)}.zip`;
    const { status, headers } = await headersOf(
      "HEAD",
      `${link}&X-Bit-Filename=${encodeURIComponent(fileName)}`,
    );
    expect(status).toBe(200);
    expect(headers["content-disposition"]).toBe(`attachment; filename=${"a".repeat(195)}.zip`);
  });
});

describe("a range", () => {
  const signatures = { local: "PK\x03\x04", central: "PK\x01\x02" };
  const offsets = () => {
    const second = whole.indexOf(signatures.local, 4, "latin1");
    return { second, central: whole.indexOf(signatures.central, 0, "latin1"), end: whole.length };
  };

  test.each<
    [what: string, range: (at: ReturnType<typeof offsets>) => readonly [number, number], header?: string]
  >([
    ["the first byte", () => [0, 1]],
    ["the last byte", ({ end }) => [end - 1, end]],
    ["inside a local file header", () => [3, 20]],
    ["inside file data", ({ central }) => [central - 50_000, central - 40_000]],
    ["across entries", ({ second }) => [second - 10, second + 100]],
    ["from file data into the central directory", ({ central }) => [central - 100, central + 10]],
    ["inside the central directory", ({ central }) => [central + 5, central + 120]],
    ["the end of central directory record alone", ({ end }) => [end - 22, end]],
    ["all of it", ({ end }) => [0, end]],
  ])("%s", async (_what, range) => {
    const [start, end] = range(offsets());
    await expectPart(`bytes=${start}-${end - 1}`, start, end);
  });

  test("to the end, of the last bytes, and beyond the end are ranges, too", async () => {
    const { length } = whole;
    await expectPart(`bytes=${length - 1000}-`, length - 1000, length);
    await expectPart("bytes=-1000", length - 1000, length);
    await expectPart(`bytes=-${length + 5}`, 0, length);
    await expectPart(`bytes=${length - 5}-${length + 5}`, length - 5, length);
    await expectPart("bytes=0-", 0, length);
    await expectPart("BYTES=0-4", 0, 5);
  });

  async function expectPart(header: string, start: number, end: number): Promise<void> {
    const response = await download({ Range: header });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${whole.length}`);
    expect(response.headers.get("content-length")).toBe(`${end - start}`);
    expect(response.headers.get("etag")).toBe(etag);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(whole.subarray(start, end))).toBe(true);
  }

  test.each([
    "bytes=0-0,5-9",
    "bytes=",
    "bytes=a-b",
    "bytes=5",
    "bytes=9-5",
    "bytes 0-5",
    "items=0-5",
    "bytes=--5",
  ])("%s gets the whole", async (header) => {
    const response = await download({ Range: header });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-range")).toBeNull();
    expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
  });

  test.each(["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0", "bytes=99999999999999999999-"])(
    "%s can not be satisfied, and the answer says how long the archive is",
    async (header) => {
      const response = await download({ Range: header });
      expect(response.status).toBe(416);
      expect(response.headers.get("content-range")).toBe(`bytes */${whole.length}`);
      expect((await response.arrayBuffer()).byteLength).toBeLessThan(100);
    },
  );

  test("is no business of HEAD's", async () => {
    const head = await headersOf("HEAD", link, { Range: "bytes=0-0" });
    expect(head).toMatchObject({ status: 200, headers: { "content-length": `${whole.length}` } });
  });

  test("any slice is that slice of the whole", async () => {
    const position = fc.nat({ max: whole.length - 1 });
    const slices = fc.tuple(position, fc.oneof(position, fc.nat({ max: 3000 })));
    await fc.assert(
      fc.asyncProperty(slices, async ([first, second]) => {
        const start = Math.min(first, second);
        const end = Math.max(first, second) + 1;
        const bytes = await bytesOf(link, { Range: `bytes=${start}-${end - 1}` });
        expect(bytes.equals(whole.subarray(start, end))).toBe(true);
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});

describe("a condition", () => {
  const range = { Range: "bytes=0-3" };
  const long = "Sat, 01 Jan 2000 00:00:00 GMT";
  test.each<[header: string, value: () => string, expected: number]>([
    ["If-Range", () => etag, 206],
    ["If-Range", () => '"other"', 200],
    ["If-Range", () => `W/${etag}`, 200],
    ["If-Range", () => lastModified, 206],
    ["If-Range", () => long, 200],
    ["If-Range", () => "nonsense", 200],
    ["If-None-Match", () => etag, 304],
    ["If-None-Match", () => `W/${etag}`, 304],
    ["If-None-Match", () => `"other", ${etag}`, 304],
    ["If-None-Match", () => "*", 304],
    ["If-None-Match", () => '"other"', 206],
    ["If-Match", () => etag, 206],
    ["If-Match", () => "*", 206],
    ["If-Match", () => `"other", ${etag}`, 206],
    ["If-Match", () => '"other"', 412],
    ["If-Match", () => `W/${etag}`, 412],
    ["If-Modified-Since", () => lastModified, 304],
    ["If-Modified-Since", () => long, 206],
    ["If-Unmodified-Since", () => lastModified, 206],
    ["If-Unmodified-Since", () => long, 412],
  ])("%s %o is answered with %i", async (header, value, expected) => {
    const response = await download({ ...range, [header]: value() });
    expect(response.status).toBe(expected);
    expect(response.headers.get("etag")).toBe(etag);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (expected === 200) expect(bytes.equals(whole)).toBe(true);
    if (expected === 206) expect(bytes.toString("latin1")).toBe("PK\x03\x04");
    if (expected === 304) expect(bytes.length).toBe(0);
    if (expected === 412) expect(bytes.length).toBeLessThan(100);
  });

  test("holds for HEAD, too, and the connection goes on after an answer without a body", async () => {
    for (let again = 0; again < 3; again += 1) {
      expect((await fetch(link, { method: "HEAD", headers: { "If-None-Match": etag } })).status).toBe(304);
      expect((await fetch(link, { method: "HEAD" })).status).toBe(200);
    }
  });
});

describe("a link that leads nowhere", () => {
  test.each([
    ["a ball nobody made", "/b6233520-0ab2-465e-b698-c69c7ed53e2a.zip"],
    ["a name that is no UUID", "/garbage.zip"],
    ["a UUID without .zip", "/b6233520-0ab2-465e-b698-c69c7ed53e2a"],
    ["a deeper path", "/a/b/c.zip"],
    ["the root", "/"],
  ])("%s: 404 in JSON", async (_what, path) => {
    for (const method of ["GET", "HEAD"]) {
      const response = await fetch(stack.api + path, { method });
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      const text = await response.text();
      if (method === "GET") expect(JSON.parse(text)).toMatchObject({ success: false });
    }
  });

  test("other methods are not there", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      expect((await fetch(link, { method })).status).toBe(404);
    }
  });

  test("the id is found in upper case and without the flag", async () => {
    const { origin, pathname } = new URL(link);
    const upper = pathname.slice(1, -".zip".length).toUpperCase();
    expect((await fetch(`${origin}/${upper}.zip`, { method: "HEAD" })).headers.get("etag")).toBe(etag);
  });

  test("an expired one: 410 in the envelope, at once, for GET and HEAD", async () => {
    const expiring = await stack.create([{ path: "/Grüße ☀/small.txt" }]);
    expect((await fetch(expiring)).status).toBe(200);
    const ballId = new URL(expiring).pathname.slice(1, -".zip".length);
    await stack.dynamoDb.send(
      new UpdateCommand({
        TableName: ballsTable,
        Key: { ballId, item: "ball" },
        UpdateExpression: "SET linkExpiresAtEpochSeconds = :now",
        ExpressionAttributeValues: { ":now": Math.floor(Date.now() / 1000) },
      }),
    );
    const response = await fetch(expiring);
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ success: false, error: { code: 10410 } });
    expect((await fetch(expiring, { method: "HEAD" })).status).toBe(410);
  });
});

describe("many at once", () => {
  test("twenty downloads of one ball are all the same", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => bytesOf(link)));
    expect(all.every((bytes) => bytes.equals(whole))).toBe(true);
  });

  test("twenty balls are made and downloaded without mixing them up", async () => {
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const body = (number: number, file: number) => patternBytes(3000 * file, 100 * number + file);
    await pMap(numbers, (number) =>
      stack.put(
        Object.fromEntries([1, 2, 3, 40].map((file) => [`many/${number}/${file}.bin`, body(number, file)])),
      ),
    );
    await Promise.all(
      numbers.map(async (number) => {
        const entries = await entriesOf(await bytesOf(await stack.create([{ folder: `/many/${number}` }])));
        expect(entries.map(({ name }) => name).toSorted()).toEqual(
          [1, 2, 3, 40].map((file) => `${number}/${file}.bin`).toSorted(),
        );
        for (const { name, content } of entries) {
          const file = Number(/(\d+)\.bin$/.exec(name)?.[1]);
          expect(content.equals(body(number, file))).toBe(true);
        }
      }),
    );
  }, 60_000);
});
