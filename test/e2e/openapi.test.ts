import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startTestStack, type TestStack } from "./test-stack.ts";

/** What of the document says how an answer has to look. */
const header = z.object({ required: z.boolean().default(false) });
const reference = z.object({ $ref: z.string() });
const response = z.object({
  headers: z.record(z.string(), reference).default({}),
  content: z.record(z.string(), z.object({ schema: z.unknown().optional() })).default({}),
});
const apiDocument = z.object({
  openapi: z.string(),
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), response) }))),
  components: z.object({
    headers: z.record(z.string(), header),
    schemas: z.record(z.string(), z.unknown()),
  }),
});
type ApiDocument = z.output<typeof apiDocument>;

let stack: TestStack;
let document: ApiDocument;
beforeAll(async () => {
  stack = await startTestStack({ stage: "prod" });
  await stack.put({ "dir/a.txt": "a", "dir/b.txt": "b" });
  document = await readDocument(stack.api);
  return () => stack.close();
});

async function readDocument(api: string): Promise<ApiDocument> {
  const answer = await fetch(`${api}/openapi.json`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    "application/json; charset=utf-8",
  ]);
  return apiDocument.parse(await answer.json());
}

test("the document is there for everybody, and names where the API is", () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.servers).toEqual([{ url: stack.api }]);
  expect(stack.api).toMatch(/\/prod$/);
});

test("without a public address, the document names the one it was asked at", async () => {
  const bare = await startTestStack({ stage: "dev", variables: { PUBLIC_URL: "" } });
  try {
    const { servers } = await readDocument(bare.api);
    expect(servers).toEqual([{ url: bare.api.replace(/^http:/, "https:") }]);
  } finally {
    await bare.close();
  }
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask({ method, path, token = stack.token, body, headers }: Asked): Promise<Response> {
  const authorization = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return fetch(path.startsWith("http") ? path : `${stack.api}${path}`, {
    method,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}

/** Holds an answer against what the document says of its operation and status. */
async function expectDescribed(answer: Response, method: string, resource: string): Promise<void> {
  const { responses } = document.paths[resource]?.[method.toLowerCase()] ?? { responses: {} };
  expect(Object.keys(responses)).toContain(`${answer.status}`);
  const { headers, content } = response.parse(responses[answer.status]);
  for (const [name, { $ref }] of Object.entries(headers)) {
    const { required } = document.components.headers[$ref.replace(/^.*\//, "")] ?? { required: true };
    if (required) expect([name, answer.headers.has(name)]).toEqual([name, true]);
  }
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  const body = Buffer.from(await answer.arrayBuffer());
  if (method === "HEAD" || Object.keys(content).length === 0) return;
  expect(Object.keys(content)).toContain(type);
  if (type === "application/json") expectValid(content[type]?.schema, JSON.parse(body.toString()));
}

function expectValid(schema: unknown, json: unknown): void {
  const whole = { ...z.looseObject({}).parse(schema), $defs: document.components.schemas };
  const text = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/$defs/");
  const { success, error } = z.fromJSONSchema(JSON.parse(text)).safeParse(json);
  expect(error?.issues ?? []).toEqual([]);
  expect(success).toBe(true);
}

const unknownId = "00000000-0000-4000-8000-000000000000";

describe("answers are as the document says", () => {
  const create = { method: "POST", path: "/v2/zipball" };
  const metadata = { method: "POST", path: "/v2/metadata" };
  const zipDownload = { method: "POST", path: "/2.0/zip_downloads" };

  const requests: [Asked, string, number][] = [
    [{ ...create, body: '{"objects":[{"path":"/dir/a.txt"}]}' }, "/v2/zipball", 201],
    [{ ...create, body: "{}" }, "/v2/zipball", 400],
    [{ ...create, body: "{}", token: "unknown" }, "/v2/zipball", 401],
    [{ ...create, body: '{"objects":[{"path":"/none"}]}' }, "/v2/zipball", 404],
    [{ ...create, body: `"${"x".repeat(1024 ** 2)}"` }, "/v2/zipball", 413],
    [{ ...create, body: `"${"x".repeat(11 * 1024 ** 2)}"` }, "/v2/zipball", 413],
    [{ ...metadata, body: '{"path":"/dir/a.txt"}' }, "/v2/metadata", 200],
    [{ ...metadata, body: '{"path":"/none"}' }, "/v2/metadata", 404],
    [{ method: "GET", path: `/v2/metadata/${unknownId}` }, "/v2/metadata/{id}", 404],
    [{ method: "GET", path: "/v2/metadata/7" }, "/v2/metadata/{id}", 400],
    [{ method: "GET", path: `/${unknownId}.zip` }, "/{ball}", 404],
    [{ method: "HEAD", path: `/${unknownId}.zip` }, "/{ball}", 404],
    [{ ...zipDownload, body: '{"items":[{"type":"file","id":"/dir/a.txt"}]}' }, "/2.0/zip_downloads", 202],
    [{ ...zipDownload, body: '{"items":[]}' }, "/2.0/zip_downloads", 400],
    [{ ...zipDownload, body: "{}", token: "unknown" }, "/2.0/zip_downloads", 401],
    [
      { method: "GET", path: `/2.0/zip_downloads/${unknownId}/content` },
      "/2.0/zip_downloads/{ball}/content",
      404,
    ],
    [
      { method: "GET", path: `/2.0/zip_downloads/${unknownId}/status` },
      "/2.0/zip_downloads/{ball}/status",
      404,
    ],
    [{ method: "GET", path: "/openapi.json" }, "/openapi.json", 200],
  ];

  test.each(requests.map(([asked, resource, status]) => ({ asked, resource, status })))(
    "$asked.method $resource: $status",
    async ({ asked, resource, status }) => {
      const answer = await ask(asked);
      expect(answer.status).toBe(status);
      await expectDescribed(answer, asked.method, resource);
    },
  );

  test.each<[string, string, number]>([
    ["GET", "", 200],
    ["HEAD", "", 200],
    ["GET", "Range", 206],
    ["GET", "If-None-Match", 304],
    ["GET", "If-Match", 412],
    ["GET", "Range too far", 416],
  ])("of downloads, in both dialects: %s %s", async (method, condition, status) => {
    const ball = await stack.create([{ folder: "/dir" }]);
    const created = await ask({ ...zipDownload, body: '{"items":[{"type":"folder","id":"/dir"}]}' });
    const { download_url: download } = z.object({ download_url: z.string() }).parse(await created.json());
    for (const [path, resource] of [
      [ball, "/{ball}"],
      [download, "/2.0/zip_downloads/{ball}/content"],
    ] as const) {
      const etag = (await ask({ method: "HEAD", path })).headers.get("etag") ?? "";
      const headers: Record<string, Record<string, string>> = {
        Range: { Range: "bytes=0-9" },
        "If-None-Match": { "If-None-Match": etag },
        "If-Match": { "If-Match": '"another"' },
        "Range too far": { Range: "bytes=1000000-" },
      };
      const answer = await ask({ method, path, headers: headers[condition] ?? {} });
      expect(answer.status).toBe(status);
      await expectDescribed(answer, method, resource);
    }
  });
});
