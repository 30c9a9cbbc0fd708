import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createBallStore } from "../../lambdas/storage/dynamodb/ball-store.ts";
import { ballsTable } from "../../local/tables.ts";
import { type Entry, entriesOf } from "../e2e/read-zip.ts";
import { bytesOf, startTestStack, type TestStack } from "../e2e/test-stack.ts";
import { expiresAt, itemTypes, ofBox, zipDownload } from "./box-example.ts";

const files = {
  "2025/Report.pdf": "report of 2025",
  "2026/Report.pdf": "report of 2026",
  "2026/Plan.pdf": "plan of 2026",
  "teams/north/photos/a.jpg": "a in the north",
  "teams/south/photos/a.jpg": "a in the south",
};

/** No key beside these: what a client does not expect, it can not be told. */
const renamed = z.strictObject({
  id: z.string(),
  type: z.enum(itemTypes),
  original_name: z.string(),
  download_name: z.string(),
});
const answer = z.strictObject({
  download_url: z.url(),
  status_url: z.url(),
  expires_at: z.iso.datetime({ offset: true }),
  name_conflicts: z.array(z.tuple([renamed, renamed])),
});
type Answer = z.output<typeof answer>;

const post = (stack: TestStack, items: readonly unknown[]) =>
  fetch(`${stack.api}/2.0/zip_downloads`, {
    method: "POST",
    headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ items, download_file_name: "January Financials" }),
  });

async function create(stack: TestStack, items: readonly unknown[]): Promise<Answer> {
  const response = await post(stack, items);
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(202);
  return answer.parse(body);
}

const statusOf = ({ token }: TestStack, url: string) =>
  fetch(url, { headers: { Authorization: `Bearer ${token}` } });

const withoutContent = ({ name, crc32 }: Entry) => ({ name, crc32 });
const contentOf = (entries: readonly Entry[], name: string) =>
  entries.find((entry) => entry.name === name)?.content.toString();

describe("Box's schema of a zip download", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
    await stack.put(files);
    return () => stack.close();
  });

  const bothReports = [
    { type: "file", id: "/2025/Report.pdf" },
    { type: "file", id: "/2026/Report.pdf" },
  ];

  test("its example is what two files of one name are answered with", async () => {
    const made = await create(stack, bothReports);
    const id = /\/zip_downloads\/([^/]+)\/content$/.exec(made.download_url)?.[1] ?? "";
    const [pair] = made.name_conflicts;
    const renames = [
      ["3aa6a7.pdf", pair?.[0].download_name],
      ["5d53f2.pdf", pair?.[1].download_name],
      ...ofBox.fileIds.map((fileId, index) => [fileId, bothReports[index]?.id] as const),
      ...ofBox.hosts.map((host) => [host, stack.api] as const),
      [ofBox.downloadId, id],
      [zipDownload.expires_at, made.expires_at],
    ] as const;
    const ours = renames.reduce(
      (text, [theirs, own]) => text.replaceAll(theirs, own ?? "nothing"),
      JSON.stringify(zipDownload),
    );
    expect(made).toStrictEqual(JSON.parse(ours));
  });

  test("download_url streams the items requested when it is asked by GET, without a token", async () => {
    const { download_url } = await create(stack, [
      { type: "file", id: "/2026/Plan.pdf" },
      { type: "folder", id: "/teams/north" },
    ]);
    const response = await fetch(download_url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/(zip|octet-stream)$/);
    expect(response.headers.get("content-disposition")).toContain("January Financials.zip");
    const entries = await entriesOf(Buffer.from(await response.arrayBuffer()));
    expect(new Map(entries.map(({ name, content }) => [name, content.toString()]))).toEqual(
      new Map([
        ["Plan.pdf", files["2026/Plan.pdf"]],
        ["north/photos/a.jpg", files["teams/north/photos/a.jpg"]],
      ]),
    );
  });

  test("status_url tells the number of files, and of those downloaded and skipped", async () => {
    const { download_url, status_url } = await create(stack, [
      { type: "file", id: "/2026/Plan.pdf" },
      { type: "folder", id: "/teams" },
    ]);
    await bytesOf(download_url);
    const response = await statusOf(stack, status_url);
    expect(response.status).toBe(200);
    expect(await response.json()).toStrictEqual({
      total_file_count: 3,
      downloaded_file_count: 3,
      skipped_file_count: 0,
      skipped_folder_count: 0,
      state: "succeeded",
    });
  });

  test("expires_at is a date and time with its offset, seconds from now", async () => {
    const before = Math.floor(Date.now() / 1000);
    const made = await create(stack, bothReports);
    const dateTime = z.iso.datetime({ offset: true });
    expect(dateTime.parse(expiresAt)).toBe(expiresAt);
    expect(made.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const seconds = Date.parse(made.expires_at) / 1000 - before;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(120);
  });

  test("name_conflicts is empty where no name is wanted twice", async () => {
    const made = await create(stack, [
      { type: "file", id: "/2026/Report.pdf" },
      { type: "file", id: "/2026/Plan.pdf" },
    ]);
    expect(made.name_conflicts).toEqual([]);
    expect((await entriesOf(await bytesOf(made.download_url))).map(({ name }) => name).toSorted()).toEqual([
      "Plan.pdf",
      "Report.pdf",
    ]);
  });

  test("download_name is the name in the archive, six hexadecimal digits and the extension, of both", async () => {
    const made = await create(stack, bothReports);
    const entries = await entriesOf(await bytesOf(made.download_url));
    const [[first, second] = expect.fail("there is no conflict")] = made.name_conflicts;
    for (const { download_name, original_name, type } of [first, second]) {
      expect(download_name).toMatch(/^[0-9a-f]{6}\.pdf$/);
      expect({ original_name, type }).toEqual({ original_name: "Report.pdf", type: "file" });
    }
    expect(entries.map(({ name }) => name).toSorted()).toEqual(
      [first.download_name, second.download_name].toSorted(),
    );
    expect(contentOf(entries, first.download_name)).toBe(files["2025/Report.pdf"]);
    expect(contentOf(entries, second.download_name)).toBe(files["2026/Report.pdf"]);
  });

  test("folders that conflict are renamed as folders", async () => {
    const made = await create(stack, [
      { type: "folder", id: "/teams/north/photos" },
      { type: "folder", id: "/teams/south/photos" },
    ]);
    const entries = await entriesOf(await bytesOf(made.download_url));
    const [[first, second] = expect.fail("there is no conflict")] = made.name_conflicts;
    for (const { download_name, original_name, type } of [first, second]) {
      expect(download_name).toMatch(/^[0-9a-f]{6}$/);
      expect({ original_name, type }).toEqual({ original_name: "photos", type: "folder" });
    }
    expect([first.id, second.id]).toEqual(["/teams/north/photos", "/teams/south/photos"]);
    expect(contentOf(entries, `${first.download_name}/a.jpg`)).toBe(files["teams/north/photos/a.jpg"]);
    expect(contentOf(entries, `${second.download_name}/a.jpg`)).toBe(files["teams/south/photos/a.jpg"]);
  });

  test("an id may be the one the metadata API gives, and comes back in name_conflicts as it was asked for", async () => {
    const found = await fetch(`${stack.api}/v2/metadata`, {
      method: "POST",
      headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ path: "/2026/Report.pdf" }),
    });
    const metadata = z.object({
      data: z.object({ objects: z.tuple([z.object({ object_id: z.uuidv4() })]) }),
    });
    const [{ object_id: id }] = metadata.parse(await found.json()).data.objects;
    const made = await create(stack, [
      { type: "file", id: "/2025/Report.pdf" },
      { type: "file", id },
    ]);
    expect(made.name_conflicts.map((pair) => pair.map((item) => item.id))).toEqual([
      ["/2025/Report.pdf", id],
    ]);
  });

  test("the same request makes the same names, and another archive", async () => {
    const [one, other] = [await create(stack, bothReports), await create(stack, bothReports)];
    expect(other.name_conflicts).toEqual(one.name_conflicts);
    expect(other.download_url).not.toBe(one.download_url);
    const [ones, others] = [await bytesOf(one.download_url), await bytesOf(other.download_url)];
    expect((await entriesOf(others)).map(withoutContent)).toEqual(
      (await entriesOf(ones)).map(withoutContent),
    );
  });
});

describe("Box's schema of a zip download, after a few seconds", () => {
  const startSeconds = 6;
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ variables: { ZIP_DOWNLOAD_START_SECONDS: `${startSeconds}` } });
    await stack.put(files);
    return () => stack.close();
  });

  const item = [{ type: "folder", id: "/teams" }];

  test("both URLs are gone after expires_at, unless the download has begun before", async () => {
    const begun = await create(stack, item);
    await bytesOf(begun.download_url);
    const waiting = await create(stack, item);
    const expired = Date.parse(waiting.expires_at);
    expect(expired).toBeGreaterThanOrEqual(Date.parse(begun.expires_at));
    await new Promise((resolve) => setTimeout(resolve, expired - Date.now() + 10));

    for (const response of [await fetch(waiting.download_url), await statusOf(stack, waiting.status_url)]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ type: "error", status: 404, code: "not_found" });
    }
    expect((await fetch(begun.download_url)).status).toBe(200);
    expect((await statusOf(stack, begun.status_url)).status).toBe(200);
  });

  test("status_url is valid for 12 hours from the start of the download", async () => {
    const made = await create(stack, item);
    const before = Math.floor(Date.now() / 1000);
    await bytesOf(made.download_url);
    const ballId = /\/zip_downloads\/([^/]+)\/content$/.exec(made.download_url)?.[1] ?? "";
    const ball = await createBallStore(stack.dynamoDb, ballsTable).get(ballId);
    const seconds = (ball?.expiresAtEpochSeconds ?? Number.NaN) - before;
    expect(seconds).toBeGreaterThanOrEqual(12 * 3600);
    expect(seconds).toBeLessThan(12 * 3600 + 60);
  });
});
