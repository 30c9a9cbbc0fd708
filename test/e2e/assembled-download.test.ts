import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runProgram } from "../interop/run-program.ts";
import { downloadInChromium } from "../support/chromium.ts";
import { testWith } from "../support/outside-programs.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { bytesOf, patternBytes, startTestStack, type TestStack } from "./test-stack.ts";
import { type UnmadeBall, unmadeBall } from "./unmade-balls.ts";

const MiB = 1024 * 1024;
const bytes = patternBytes(MiB + 17, 1);
const folder = mkdtempSync(join(tmpdir(), "zipball-assembled-"));
afterAll(() => rmSync(folder, { recursive: true }));

let stack: TestStack;
let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor(() => stack.api);
  const own = { PUBLIC_URL: `${door.url}/prod`, HOLD_SECONDS: "1", ARCHIVE_LINK_SECONDS: "60" };
  stack = await startTestStack({ stage: "prod", variables: own });
  return async () => {
    await door.close();
    await stack.close();
  };
});

const dialects = ["bitpaket", "box"] as const;
const ask = (link: string, init: RequestInit = {}) => fetch(link, { redirect: "manual", ...init });
const headersOf = ({ headers }: Response, ...names: string[]) => names.map((name) => headers.get(name));

describe.each(dialects)("a ball whose archive is being made, at its link in %s,", (dialect) => {
  let link = "";
  beforeAll(async () => {
    link = (await unmadeBall(stack, `${door.url}/prod`, bytes))[dialect];
  });

  test("is held, and then redirected to itself, with the query it came with", async () => {
    const response = await ask(`${link}?zipball&X-Bit-Filename=a%20b.zip`);
    expect(response.status).toBe(302);
    const next = new URL(response.headers.get("location") ?? "");
    expect(`${next.origin}${next.pathname}`).toBe(link);
    const query = { wait: "1", zipball: "", "X-Bit-Filename": "a b.zip" };
    expect(Object.fromEntries(next.searchParams)).toEqual(query);
    expect(headersOf(response, "cache-control")).toEqual(["no-store"]);
    expect((await response.text()).length).toBeGreaterThan(1);
  });

  test("is not redirected for ever", async () => {
    for (const turn of [8, 1000]) {
      const response = await ask(`${link}?wait=${turn}`);
      expect(response.status).toBe(503);
      const headers = ["5", "application/json; charset=utf-8"];
      expect(headersOf(response, "retry-after", "content-type")).toEqual(headers);
      expect(await response.text()).toContain("archive-not-ready");
    }
  });

  test("answers HEAD at once, with its length", async () => {
    const response = await ask(link, { method: "HEAD", headers: { "If-None-Match": "*" } });
    expect(response.status).toBe(200);
    const names = ["content-length", "accept-ranges", "etag", "last-modified"];
    expect(headersOf(response, ...names)).toEqual([`${bytes.length}`, "bytes", null, null]);
  });
});

test("of many requests for one ball few are held, and the others told at once to come again", async () => {
  const { bitpaket } = await unmadeBall(stack, `${door.url}/prod`, bytes);
  const responses = await Promise.all(Array.from({ length: 14 }, () => ask(bitpaket)));
  const refused = responses.filter(({ status }) => status === 503);
  // A new window may begin in between.
  expect(refused.length).toBeGreaterThanOrEqual(14 - 2 * 4);
  for (const response of refused) expect(headersOf(response, "retry-after")).toEqual(["5"]);
  expect(responses.filter(({ status }) => status === 302).length).toBe(14 - refused.length);
});

test("a ball whose archive is made while its request is held is handed out by that request", async () => {
  const { bitpaket, make } = await unmadeBall(stack, `${door.url}/prod`, bytes);
  const [response] = await Promise.all([ask(bitpaket), make()]);
  expect(response.status).toBe(302);
  expect((await bytesOf(response.headers.get("location") ?? "")).equals(bytes)).toBe(true);
});

describe.each(dialects)("a ball whose archive is made, at its link in %s,", (dialect) => {
  let unmade: UnmadeBall;
  let link = "";
  beforeAll(async () => {
    unmade = await unmadeBall(stack, `${door.url}/prod`, bytes);
    await unmade.make();
    link = unmade[dialect];
  });

  test("is redirected to its archive, by an answer that nobody keeps or tells on", async () => {
    const response = await ask(`${link}?X-Bit-Filename=my%20holiday.zip`);
    expect(response.status).toBe(302);
    expect(headersOf(response, "cache-control", "referrer-policy")).toEqual(["no-store", "no-referrer"]);
    const archive = response.headers.get("location") ?? "";
    const body = await response.text();
    expect(body).not.toContain("X-Amz");
    expect(body.length).toBeGreaterThan(1);
    const fetched = await fetch(archive, { headers: { Range: "bytes=10-19" } });
    expect(fetched.status).toBe(206);
    expect(headersOf(fetched, "content-type", "content-disposition")).toEqual([
      "application/zip",
      'attachment; filename="my holiday.zip"',
    ]);
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    // A capability to read one object, and nothing besides.
    expect((await fetch(archive, { method: "HEAD" })).status).toBe(403);
    expect((await fetch(archive.replace("/1/archive.zip", "/2/archive.zip"))).status).toBe(403);
  });

  test("has S3's entity tag, whichever way it is asked for", async () => {
    const head = await ask(link, { method: "HEAD" });
    const got = await fetch(link);
    const names = ["etag", "content-length", "content-disposition", "content-type", "accept-ranges"];
    expect([head.status, ...headersOf(head, ...names)]).toEqual([200, ...headersOf(got, ...names)]);
    expect(bytes.equals(new Uint8Array(await got.arrayBuffer()))).toBe(true);
    const etag = head.headers.get("etag") ?? "";
    const unchanged = await ask(link, { headers: { "If-None-Match": etag } });
    expect([unchanged.status, unchanged.headers.get("etag")]).toEqual([304, etag]);
    expect((await ask(link, { method: "HEAD", headers: { "If-None-Match": etag } })).status).toBe(304);
    expect((await ask(link, { headers: { "If-Match": '"another"' } })).status).toBe(412);
    const behind = await ask(link, { headers: { Range: `bytes=${bytes.length}-` } });
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, `bytes */${bytes.length}`]);
  });

  test("goes on where a download ended, if it is the same archive, and begins anew if not", async () => {
    const etag = (await ask(link, { method: "HEAD" })).headers.get("etag") ?? "";
    const goOn = (ifRange: string) => bytesOf(link, { Range: "bytes=1000-", "If-Range": ifRange });
    expect((await goOn(etag)).equals(bytes.subarray(1000))).toBe(true);
    expect((await goOn('"another"')).equals(bytes)).toBe(true);
  });
});

test("what can not be assembled says so, and not what for, which names keys", async () => {
  const { bitpaket, box, fail } = await unmadeBall(stack, `${door.url}/prod`, bytes);
  await fail('"customers/8841" can not be read');
  for (const link of [bitpaket, box]) {
    const response = await ask(link);
    expect(response.status).toBeGreaterThanOrEqual(500);
    const body = await response.text();
    expect(body).toContain("assembly-failed");
    expect(body).not.toContain("8841");
  }
});

test("what has expired is gone, archive or not", async () => {
  const { bitpaket, box, make } = await unmadeBall(stack, `${door.url}/prod`, bytes, {
    expiresAtEpochSeconds: 1,
  });
  await make();
  expect([(await ask(bitpaket)).status, (await ask(box)).status]).toEqual([410, 404]);
});

describe("a client that is told to come again, and then redirected,", () => {
  const clients = {
    curl: (link: string, file: string) => ["-sSfL", "--retry", "5", "-o", file, link],
    wget: (link: string, file: string) => [
      "-q",
      "--retry-on-http-error=503",
      "--waitretry=1",
      "-O",
      file,
      link,
    ],
    aria2c: (link: string, file: string) => [
      ...["--quiet", "--no-conf", "--max-tries=5", "--retry-wait=1", "--dir", folder],
      ...["--out", file.slice(folder.length + 1), link],
    ],
  } as const;

  for (const program of ["curl", "wget", "aria2c"] as const) {
    testWith([program], `${program} has the whole in the end`, async () => {
      const unmade = await unmadeBall(stack, `${door.url}/prod`, bytes);
      const file = join(folder, `${program}.zip`);
      const link = `${unmade.bitpaket}?zipball&wait=7`;
      const running = runProgram(program, clients[program](link, file));
      const answers = () => door.answers.filter((answer) => answer.includes(unmade.ball.ballId));
      const isToldToWait = () => expect(answers().join()).toContain("GET 503");
      await Promise.race([running, vi.waitFor(isToldToWait, { timeout: 30_000 })]);
      await unmade.make();
      await running;
      expect(readFileSync(file).equals(bytes)).toBe(true);
      const path = `/prod/${unmade.ball.ballId}.zip`;
      expect(answers().slice(0, 2)).toEqual([
        `GET 302 ${path}?zipball&wait=7`,
        `GET 503 ${path}?wait=8&zipball=`,
      ]);
    });
  }
});

describe("a client that goes on with what it has, through the link,", () => {
  const clients = {
    // With -f the answer to a file that is whole, 416, would be a failure.
    curl: (link: string, file: string) => ["-sSL", "-C", "-", "-o", file, link],
    wget: (link: string, file: string) => ["-q", "-c", "-O", file, link],
    aria2c: (link: string, file: string) => [
      ...["--quiet", "--no-conf", "--continue=true", "-x", "4", "-s", "4", "-k", "1M", "--dir", folder],
      ...["--out", file.slice(folder.length + 1), link],
    ],
  } as const;

  for (const program of ["curl", "wget", "aria2c"] as const) {
    testWith([program], `${program} comes to the whole, and has nothing to do then`, async () => {
      const unmade = await unmadeBall(stack, `${door.url}/prod`, bytes);
      await unmade.make();
      const file = join(folder, `${program} goes on.zip`);
      writeFileSync(file, bytes.subarray(0, 300_001));
      for (let times = 0; times < 2; times += 1) {
        await runProgram(program, clients[program](unmade.bitpaket, file));
        expect(readFileSync(file).equals(bytes)).toBe(true);
      }
    });
  }
});

testWith(
  ["chromium"],
  "a browser that follows the link while its archive is being made saves it under its name",
  async () => {
    const unmade = await unmadeBall(stack, `${door.url}/prod`, bytes);
    const link = `${unmade.bitpaket}?X-Bit-Filename=f%C3%AAte.zip`;
    const saving = downloadInChromium(link, mkdtempSync(join(folder, "chromium-")));
    const turns = () => door.answers.filter((answer) => answer.includes(unmade.ball.ballId));
    await Promise.race([saving, vi.waitFor(() => expect(turns().length).toBe(2), { timeout: 30_000 })]);
    await unmade.make();
    const file = await saving;
    expect(basename(file)).toBe("f\u00eate.zip");
    expect(readFileSync(file).equals(bytes)).toBe(true);
  },
);
