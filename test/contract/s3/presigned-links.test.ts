import { GetObjectCommand, type GetObjectCommandInput, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, test } from "vitest";
import { serverUnderTest } from "./server-under-test.ts";

const server = serverUnderTest();
const Key = "hundred";
const hundred = Buffer.from(Array.from({ length: 100 }, (_, n) => n));
let Bucket = "";
let etag = "";

beforeAll(async () => {
  Bucket = await server().newBucket();
  etag = (await server().client.send(new PutObjectCommand({ Bucket, Key, Body: hundred }))).ETag ?? "";
});

const linkTo = (input: Partial<GetObjectCommandInput> = {}) =>
  getSignedUrl(server().client, new GetObjectCommand({ Bucket, Key, ...input }));

describe("presigned links", () => {
  test("a link gives the object to whoever has it", async () => {
    const answer = await fetch(await linkTo());
    expect(Buffer.from(await answer.arrayBuffer()).equals(hundred)).toBe(true);
  });

  const said = {
    ResponseContentDisposition: "attachment; filename=\"a b.zip\"; filename*=UTF-8''%C3%A4.zip",
    ResponseContentType: "application/zip",
    ResponseCacheControl: "no-store",
  };
  const told = {
    "content-disposition": said.ResponseContentDisposition,
    "content-type": "application/zip",
    "cache-control": "no-store",
  };

  test.each([
    ["the whole", {}, 200],
    ["a range", { range: "bytes=10-19" }, 206],
    ["the rest of a download, by If-Range", { range: "bytes=10-19", "if-range": "etag" }, 206],
    ["the whole of another object than that of If-Range", { range: "bytes=1-2", "if-range": '"other"' }, 200],
    ["a range of the object of If-Match", { range: "bytes=10-19", "if-match": "etag" }, 206],
  ])("a link can set headers of the answer, and gives %s", async (_, asked, status) => {
    const filled = Object.entries(asked).map(([name, value]) => [name, value === "etag" ? etag : value]);
    const answer = await fetch(await linkTo(said), { headers: Object.fromEntries(filled) });
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({ ...told, etag });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.equals(status === 200 ? hundred : hundred.subarray(10, 20))).toBe(true);
  });

  test.each([
    ["If-Match of another object", { "if-match": '"other"' }, 412],
    ["a range behind the end", { range: "bytes=100-" }, 416],
  ])("a link used with %s is refused", async (_, headers, status) => {
    expect((await fetch(await linkTo(said), { headers })).status).toBe(status);
  });

  test("a header no answer can carry answers InvalidArgument", async () => {
    const command = new GetObjectCommand({
      Bucket,
      Key,
      ResponseContentDisposition: 'attachment; filename="日本.zip"',
    });
    const answer = await fetch(await getSignedUrl(server().client, command));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("<Code>InvalidArgument</Code>");
  });

  test("a link whose parameters were changed answers SignatureDoesNotMatch", async () => {
    const url = await linkTo();
    const answer = await fetch(`${url}&response-content-type=text/html`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
  });

  test.each(["HEAD", "PUT", "DELETE"])("a link for GET does not %s", async (method) => {
    expect((await fetch(await linkTo(), { method })).status).toBe(403);
  });

  test("a link is for one object", async () => {
    const url = new URL(await linkTo());
    url.pathname = url.pathname.replace(Key, "another");
    expect((await fetch(url)).status).toBe(403);
  });

  test("a link that has expired answers AccessDenied", async () => {
    const command = new GetObjectCommand({ Bucket, Key });
    const signingDate = new Date(Date.now() - 120_000);
    const answer = await fetch(await getSignedUrl(server().client, command, { signingDate, expiresIn: 60 }));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });

  test("without a signature nothing is given", async () => {
    const url = new URL(await linkTo());
    url.search = "";
    const answer = await fetch(url);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });
});
