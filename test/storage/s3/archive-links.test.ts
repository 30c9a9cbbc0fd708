import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ArchiveLinks } from "../../../lambdas/ball/archive-bucket.ts";
import { formatAttachment } from "../../../lambdas/http/attachment.ts";
import { createArchiveLinks } from "../../../lambdas/storage/s3/archive-links.ts";
import { clientOf, createBucket, credentials, region, startServer } from "../../local/s3/local-server.ts";
import { testS3 } from "../../support/s3.ts";

const key = "0b9c/etag/1/archive.zip";
const body = "PK, and so on";
const contentDisposition = formatAttachment("Fotos & müll (1).zip");
const options = { contentDisposition, seconds: 600 };
const minuteMs = 60_000;

const s3 = testS3();
let links: ArchiveLinks;
beforeAll(async () => {
  const bucket = await s3().newBucket();
  await s3().put(bucket, key, body);
  await s3().put(bucket, "another", body);
  links = createArchiveLinks(s3().client, bucket);
});

/** The same on a server of its own, whose clock a test may turn. */
async function linkedByClock() {
  const clock = { aheadMs: 0 };
  const server = await startServer({ now: () => new Date(Date.now() + clock.aheadMs) });
  await createBucket(server, "archives");
  const client = clientOf(server);
  await client.send(new PutObjectCommand({ Bucket: "archives", Key: key, Body: body }));
  return { links: createArchiveLinks(client, "archives"), client, clock };
}

describe("a link", () => {
  test("is a plain GET away from the archive, under the name it is to be saved as", async () => {
    const answer = await fetch(await links.sign(key, options));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-disposition")).toBe(contentDisposition);
    expect(answer.headers.get("content-type")).toBe("application/zip");
    expect(answer.headers.get("cache-control")).toBe("private, no-transform");
    expect(await answer.text()).toBe(body);
  });

  test.each(["a b+c/ü/日本/😀.zip", "100%/a%20b?x&y=z#f.zip", "it's(a)*!~'.zip"])(
    "goes to any key: %s",
    async (odd) => {
      const bucket = await s3().newBucket();
      await s3().put(bucket, odd, body);
      const link = await createArchiveLinks(s3().client, bucket).sign(odd, options);
      expect(await (await fetch(link)).text()).toBe(body);
    },
  );

  test("takes ranges, and the conditions of a download that is resumed", async () => {
    const link = await links.sign(key, options);
    const part = await fetch(link, { headers: { Range: "bytes=4-" } });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 4-12/${body.length}`);
    expect(await part.text()).toBe(body.slice(4));
    const etag = part.headers.get("etag") ?? "";
    const unchanged = await fetch(link, { headers: { "If-None-Match": etag } });
    expect(unchanged.status).toBe(304);
    const other = await fetch(link, { headers: { Range: "bytes=4-", "If-Match": '"other"' } });
    expect(other.status).toBe(412);
  });

  test.each(["HEAD", "PUT", "POST", "DELETE"])("does not allow %s", async (method) => {
    const link = await links.sign(key, options);
    expect((await fetch(link, { method })).status).toBe(403);
    expect((await fetch(link)).status).toBe(200);
  });

  test.each([
    ["another key", (link: string) => link.replace(key, "another")],
    ["the bucket", (link: string) => link.replace(`/${key}`, "")],
    ["another name to save it under", (link: string) => link.replace("attachment", "inline")],
    ["more time", (link: string) => link.replace("X-Amz-Expires=600", "X-Amz-Expires=601")],
    ["another version", (link: string) => `${link}&versionId=null`],
    ["its tags", (link: string) => `${link}&tagging`],
  ])("is not one to %s", async (_what, change) => {
    const link = await links.sign(key, options);
    const changed = change(link);
    expect(changed).not.toBe(link);
    expect((await fetch(changed)).status).toBe(403);
  });

  test("ends with its time", async () => {
    const { links, clock } = await linkedByClock();
    const link = await links.sign(key, { ...options, seconds: 120 });
    clock.aheadMs = 1.8 * minuteMs;
    expect((await fetch(link)).status).toBe(200);
    clock.aheadMs = 2.1 * minuteMs;
    expect((await fetch(link)).status).toBe(403);
  });

  test("signs nothing but a Host, and asks for nothing but what it is for", async () => {
    const link = new URL(await links.sign(key, options));
    expect([...link.searchParams.keys()].sort()).toEqual([
      "X-Amz-Algorithm",
      "X-Amz-Content-Sha256",
      "X-Amz-Credential",
      "X-Amz-Date",
      "X-Amz-Expires",
      "X-Amz-Signature",
      "X-Amz-SignedHeaders",
      "response-cache-control",
      "response-content-disposition",
      "response-content-type",
    ]);
    expect(link.searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  });

  test("is signed by S3's time where this clock is off", async () => {
    const { links, client, clock } = await linkedByClock();
    clock.aheadMs = 120 * minuteMs;
    client.config.systemClockOffset = clock.aheadMs;
    expect((await fetch(await links.sign(key, { ...options, seconds: 60 }))).status).toBe(200);
  });
});

/** Credentials that live so long, in seconds, each time they are asked for; the last again and again. */
function linksSignedBy(...lives: readonly (number | "for ever" | "refused")[]) {
  let given = 0;
  const provider = async () => {
    const life = lives[Math.min(given, lives.length - 1)];
    given += 1;
    if (life === "refused") throw new Error("The role can not be assumed");
    const identity = { ...credentials, accessKeyId: `ID${given}`, sessionToken: `token ${given}` };
    // Half a second more, so that none is over while a slow machine signs.
    return typeof life === "number"
      ? { ...identity, expiration: new Date(Date.now() + life * 1000 + 500) }
      : identity;
  };
  const client = new S3Client({ region, credentials: provider });
  onTestFinished(() => client.destroy());
  return createArchiveLinks(client, "archives");
}

/** What a link says of who signed it, and for how long. */
function signed(link: string) {
  const { searchParams } = new URL(link);
  const signer = searchParams.get("X-Amz-Credential")?.split("/")[0];
  return {
    signer,
    token: searchParams.get("X-Amz-Security-Token"),
    seconds: Number(searchParams.get("X-Amz-Expires")),
  };
}

describe("credentials that are soon over", () => {
  test.each([
    ["last longer than the link", [4000], 3600, 3600],
    ["are of an unknown end", ["for ever"], 3600, 3600],
    ["are over before the link", [3000], 3600, 2995],
    ["live just long enough not to be renewed", [66], 3600, 61],
  ] as const)("that %s", async (_what, lives, seconds, expected) => {
    const told = signed(await linksSignedBy(...lives).sign(key, { contentDisposition, seconds }));
    expect(told.seconds).toBeGreaterThanOrEqual(expected - 1);
    expect(told.seconds).toBeLessThanOrEqual(expected);
  });

  test("are renewed, and the link is signed with those that live on", async () => {
    // The SDK asks anew of itself when less than five minutes are left.
    const told = signed(await linksSignedBy(50, 50, 3605).sign(key, { contentDisposition, seconds: 7200 }));
    expect(told.seconds).toBeGreaterThan(3000);
    expect(told.token).toBe(`token ${told.signer?.slice(2)}`);
  });

  test("sign a short link when there are no others", async () => {
    const told = signed(await linksSignedBy(30).sign(key, { contentDisposition, seconds: 7200 }));
    expect(told.seconds).toBeGreaterThanOrEqual(20);
    expect(told.seconds).toBeLessThanOrEqual(25);
  });

  test.each([
    ["over", [-10]],
    ["over in a moment", [5]],
    ["over, and can not be renewed", [5, 5, "refused"]],
    ["refused", ["refused"]],
  ] as const)("sign nothing when they are %s: it is worth asking again", async (_what, lives) => {
    const signing = linksSignedBy(...lives).sign(key, options);
    const unreadable = { code: "archive-unreadable", retryAfterSeconds: 5 };
    await expect(signing).rejects.toMatchObject(unreadable);
    await expect(signing).rejects.not.toThrow(/ID\d|token/);
  });
});

test("a link to AWS names bucket, region and nothing secret", async () => {
  const link = new URL(await linksSignedBy("for ever").sign(key, options));
  expect(link.origin).toBe(`https://archives.s3.${region}.amazonaws.com`);
  expect(link.pathname).toBe(`/${key}`);
  expect(link.href).not.toContain(encodeURIComponent(credentials.secretAccessKey));
});
