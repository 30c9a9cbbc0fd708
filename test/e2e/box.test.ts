import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { zipDownload, zipDownloadStatus } from "../../lambdas/api/box/schemas.ts";
import { runProgram } from "../interop/run-program.ts";
import { testWith } from "../support/outside-programs.ts";
import { boxClient, boxErrorOf } from "./box-clients.ts";
import { openResponse } from "./broken-download.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
const startSeconds = 30;
const statusSeconds = 12 * 3600;

let stack: TestStack;

beforeAll(async () => {
  const ZIP_DOWNLOAD_START_SECONDS = `${startSeconds}`;
  stack = await startTestStack({ variables: { REQUESTS_PER_MINUTE: "100000", ZIP_DOWNLOAD_START_SECONDS } });
  await stack.put({
    "a/Report.pdf": "a",
    "b/Report.pdf": "b",
    "c/Report.pdf": "c",
    "d/REPORT.PDF": "d",
    "e/Report.pdf/inside.txt": "e",
    "f/x/y.tar.gz": "f",
    "g/x/z.txt": "g",
    "h/x?.txt": "1",
    "h/x*.txt": "2",
    "h/other.txt": "3",
    "films/1.bin": patternBytes(3 * MiB, 1),
    "films/2.bin": patternBytes(4 * MiB, 2),
    "plain.txt": "plain",
  });
});
afterAll(() => stack.close());

const file = (id: string) => ({ type: "file", id });
const folder = (id: string) => ({ type: "folder", id });

function post(body: unknown): Promise<Response> {
  return fetch(`${stack.api}/2.0/zip_downloads`, {
    method: "POST",
    headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function create(items: readonly unknown[], more: object = {}) {
  const response = await post({ items, ...more });
  expect(response.status).toBe(202);
  return zipDownload.strict().parse(await response.json());
}

const askStatus = (url: string) => fetch(url, { headers: { Authorization: `Bearer ${stack.token}` } });
const statusOf = async (url: string) => zipDownloadStatus.strict().parse(await (await askStatus(url)).json());
const namesIn = async (url: string) => (await entriesOf(await bytesOf(url))).map(({ name }) => name);

describe("expiry", () => {
  // The stack is in this process: its clock is the test's. Only Date is another; timers run on.
  afterEach(() => void vi.useRealTimers());
  const letPass = (seconds: number) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 });
  };

  test("both addresses work until expires_at, and are answered 404 from then on", async () => {
    const { download_url, status_url, expires_at } = await create([file("/plain.txt")]);
    const left = (Date.parse(expires_at) - Date.now()) / 1000;
    letPass(left + 1);
    for (const response of [await fetch(download_url), await askStatus(status_url)]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        code: "not_found",
        context_info: { reason: "ball-expired" },
      });
    }
    const { zipDownloads } = boxClient(stack);
    const status = await boxErrorOf(zipDownloads.getZipDownloadStatus(status_url));
    expect(status.responseInfo).toMatchObject({ statusCode: 404, code: '"not_found"' });
    const content = await boxErrorOf(zipDownloads.getZipDownloadContent(download_url));
    expect(content.responseInfo.statusCode).toBe(404);
  });

  test("a HEAD and a request that gets no bytes begin no download", async () => {
    const { download_url, status_url } = await create([file("/plain.txt")]);
    expect((await fetch(download_url, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(download_url, { headers: { Range: "bytes=99999-" } })).status).toBe(416);
    expect((await askStatus(status_url)).status).toBe(404);
    letPass(startSeconds + 31);
    expect((await fetch(download_url)).status).toBe(404);
  });

  test("once begun, both work for as long as a status does, and no longer", async () => {
    const { download_url, status_url, expires_at } = await create([folder("/films")]);
    const whole = await bytesOf(download_url);
    letPass((Date.parse(expires_at) - Date.now()) / 1000 + 60);
    const rest = await bytesOf(download_url, { Range: `bytes=${MiB}-` });
    expect(rest.equals(whole.subarray(MiB))).toBe(true);
    expect(await statusOf(status_url)).toMatchObject({ state: "succeeded", downloaded_file_count: 2 });
    vi.useRealTimers();
    letPass(statusSeconds - 60);
    expect((await fetch(download_url, { method: "HEAD" })).status).toBe(200);
    expect((await askStatus(status_url)).status).toBe(200);
    vi.useRealTimers();
    letPass(statusSeconds + 1);
    expect((await fetch(download_url)).status).toBe(404);
    expect((await askStatus(status_url)).status).toBe(404);
  });
});

describe("ranges, where Box has none", () => {
  const temporary = mkdtempSync(join(tmpdir(), "zipball-box-"));
  afterAll(() => rmSync(temporary, { recursive: true }));

  testWith(["curl"], "curl -C - goes on where a download was cut", async () => {
    const { download_url, status_url } = await create([folder("/films")]);
    const output = join(temporary, "films.zip");
    await runProgram("curl", ["-sSf", "-r", `0-${2 * MiB}`, "-o", output, download_url]);
    expect(await statusOf(status_url)).toMatchObject({ state: "in_progress", downloaded_file_count: 0 });
    await runProgram("curl", ["-sSf", "-C", "-", "-o", output, download_url]);
    expect(await statusOf(status_url)).toMatchObject({ state: "succeeded", downloaded_file_count: 2 });
    expect((await entriesOf(readFileSync(output))).map(({ name }) => name)).toEqual([
      "films/1.bin",
      "films/2.bin",
    ]);
  });

  test("several ranges at a time are one download", async () => {
    const { download_url, status_url } = await create([folder("/films")]);
    const head = await fetch(download_url, { method: "HEAD" });
    const length = Number(head.headers.get("content-length"));
    const cuts = [0, 1, 2 * MiB, 5 * MiB, length];
    const ranges = cuts.slice(1).map((end, index) => `bytes=${cuts[index]}-${end - 1}`);
    const parts = await Promise.all(ranges.map((Range) => bytesOf(download_url, { Range })));
    expect(await entriesOf(Buffer.concat(parts))).toHaveLength(2);
    expect(await statusOf(status_url)).toMatchObject({ state: "succeeded" });
  });

  test("all but one byte is not all", async () => {
    const { download_url, status_url } = await create([folder("/films")]);
    const length = Number((await fetch(download_url, { method: "HEAD" })).headers.get("content-length"));
    await bytesOf(download_url, { Range: `bytes=0-${length - 2}` });
    expect(await statusOf(status_url)).toMatchObject({ state: "in_progress", downloaded_file_count: 2 });
    await bytesOf(download_url, { Range: "bytes=-1" });
    expect(await statusOf(status_url)).toMatchObject({ state: "succeeded" });
  });

  test("a reader that leaves has not got all", async () => {
    // More than the buffers between hold: what is in them counts as sent.
    await stack.put({ "long.bin": patternBytes(40 * MiB, 3) });
    const { download_url, status_url } = await create([file("/long.bin")]);
    const response = await openResponse(download_url);
    for await (const chunk of response) if (chunk.length > 0) break;
    response.destroy();
    expect(await statusOf(status_url)).not.toMatchObject({ state: "succeeded" });
  });

  test("HEAD has the headers of GET", async () => {
    const { download_url } = await create([folder("/films")]);
    const [head, get] = [await fetch(download_url, { method: "HEAD" }), await fetch(download_url)];
    await get.arrayBuffer();
    for (const name of ["content-length", "content-type", "content-disposition", "etag", "accept-ranges"]) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
      expect(head.headers.get(name)).toBeTruthy();
    }
  });
});

test("what was deleted or replaced before the download is skipped, named in the archive, and counted", async () => {
  await stack.put({ "s/a.txt": "a", "s/b.txt": "b", "s/sub/c.txt": "c", "s/sub/d.txt": "d" });
  const { download_url, status_url } = await create([folder("/s")]);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: "s/sub/c.txt" }));
  await stack.put({ "s/b.txt": "another", "s/sub/d.txt": "another" });
  const entries = await entriesOf(await bytesOf(download_url));
  const [note, ...others] = entries.toSorted((one, other) => one.name.localeCompare(other.name));
  expect(others.map(({ name }) => name)).toEqual(["s/a.txt"]);
  expect(note?.name).toBe("_skipped.txt");
  for (const name of ["s/b.txt", "s/sub/c.txt", "s/sub/d.txt"])
    expect(note?.content.toString()).toContain(name);
  expect(await statusOf(status_url)).toEqual({
    ...{ total_file_count: 4, downloaded_file_count: 1, skipped_file_count: 3, skipped_folder_count: 1 },
    state: "succeeded",
  });
});

describe("the name of the archive", () => {
  test.each([
    ["January Financials", "January Financials.zip"],
    ["a.zip", "a.zip"],
    ["naïve 中", "naïve 中.zip"],
  ])("%s is saved as %s", async (download_file_name, expected) => {
    const { download_url } = await create([file("/plain.txt")], { download_file_name });
    const disposition = (await fetch(download_url, { method: "HEAD" })).headers.get("content-disposition");
    const encoded = /filename\*=UTF-8''(.+)$/.exec(disposition ?? "")?.[1];
    const plain = /filename="?([^";]+)"?$/.exec(disposition ?? "")?.[1];
    expect(encoded === undefined ? plain : decodeURIComponent(encoded)).toBe(expected);
  });
});

describe("refused", () => {
  test.each(["0", "/", ""])("the root folder, %j", async (id) => {
    const response = await post({ items: [folder(id)] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "error", status: 400, code: "bad_request" });
  });

  test.each([{}, { items: [] }, { items: [{ type: "web_link", id: "1" }] }, null])("%j", async (body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const requestId = response.headers.get("x-request-id");
    expect(await response.json()).toMatchObject({ code: "bad_request", request_id: requestId });
  });
});

describe("names", () => {
  test("every selected item stands at the root under its own name", async () => {
    const { download_url, name_conflicts } = await create([
      file("a/Report.pdf"),
      folder("f/x"),
      file("/plain.txt"),
    ]);
    expect(await namesIn(download_url)).toEqual(["Report.pdf", "x/y.tar.gz", "plain.txt"]);
    expect(name_conflicts).toEqual([]);
  });

  test("what is selected by itself and with its folder stands in both places", async () => {
    const { download_url, name_conflicts } = await create([file("f/x/y.tar.gz"), folder("f"), folder("f/x")]);
    expect(await namesIn(download_url)).toEqual(["y.tar.gz", "f/x/y.tar.gz", "x/y.tar.gz"]);
    expect(name_conflicts).toEqual([]);
  });

  const renamedPdf = expect.stringMatching(/^[0-9a-f]{6}\.(pdf|PDF)$/);

  test("two of one name are both renamed", async () => {
    const { download_url, name_conflicts } = await create([file("a/Report.pdf"), file("b/Report.pdf")]);
    const common = { type: "file", original_name: "Report.pdf", download_name: renamedPdf };
    expect(name_conflicts).toEqual([
      [
        { id: "a/Report.pdf", ...common },
        { id: "b/Report.pdf", ...common },
      ],
    ]);
    const downloadNames = name_conflicts.flat().map(({ download_name }) => download_name);
    expect(await namesIn(download_url)).toEqual(downloadNames);
    expect(new Set(downloadNames).size).toBe(2);
  });

  test("the same selection gets the same names", async () => {
    const items = [file("a/Report.pdf"), file("b/Report.pdf")];
    const [one, other] = [await create(items), await create(items)];
    expect(one.name_conflicts).toEqual(other.name_conflicts);
  });

  test("of more than two, also but for their case, all are renamed and each is paired with the first", async () => {
    const ids = ["a/Report.pdf", "b/Report.pdf", "c/Report.pdf", "d/REPORT.PDF"];
    const { download_url, name_conflicts } = await create(ids.map(file));
    expect(name_conflicts.map((pair) => pair.map(({ id }) => id))).toEqual([
      ["a/Report.pdf", "b/Report.pdf"],
      ["a/Report.pdf", "c/Report.pdf"],
      ["a/Report.pdf", "d/REPORT.PDF"],
    ]);
    const names = await namesIn(download_url);
    expect(names).toEqual([renamedPdf, renamedPdf, renamedPdf, renamedPdf]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(4);
  });

  test("a file and a folder of one name are both renamed", async () => {
    const { download_url, name_conflicts } = await create([file("a/Report.pdf"), folder("e/Report.pdf")]);
    const [pair = []] = name_conflicts;
    expect(pair).toMatchObject([
      { id: "a/Report.pdf", type: "file", download_name: renamedPdf },
      { id: "e/Report.pdf", type: "folder", download_name: expect.stringMatching(/^[0-9a-f]{6}$/) },
    ]);
    expect(await namesIn(download_url)).toEqual([
      pair[0]?.download_name,
      `${pair[1]?.download_name}/inside.txt`,
    ]);
  });

  test("two folders of one name are both renamed", async () => {
    const { download_url, name_conflicts } = await create([folder("f/x"), folder("g/x")]);
    const [one, other] = name_conflicts.flat().map(({ download_name }) => download_name);
    expect(await namesIn(download_url)).toEqual([`${one}/y.tar.gz`, `${other}/z.txt`]);
  });

  test("within a folder, names that readers could not tell apart are renamed and told by their path", async () => {
    const { download_url, name_conflicts } = await create([folder("h")]);
    const original_name = expect.stringMatching(/^x.\.txt$/);
    expect(name_conflicts).toEqual([
      [
        { id: "/h/x*.txt", type: "file", original_name, download_name: expect.stringMatching(/\.txt$/) },
        { id: "/h/x?.txt", type: "file", original_name, download_name: expect.stringMatching(/\.txt$/) },
      ],
    ]);
    const downloadNames = name_conflicts.flat().map(({ download_name }) => `h/${download_name}`);
    expect((await namesIn(download_url)).toSorted()).toEqual(["h/other.txt", ...downloadNames].toSorted());
  });

  test("an item that is asked for twice is there once", async () => {
    const { download_url, name_conflicts } = await create([file("/plain.txt"), file("plain.txt")]);
    expect(name_conflicts).toEqual([]);
    expect(await namesIn(download_url)).toEqual(["plain.txt"]);
  });
});
