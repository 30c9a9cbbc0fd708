import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { uploadsInto } from "../contract/s3/uploads.ts";
import { startQuietStack } from "../e2e/quiet-stack.ts";
import { entriesOf } from "../e2e/read-zip.ts";
import { bytesOf, patternBytes, putObjects, type TestStack } from "../e2e/test-stack.ts";
import { watchAws } from "./aws-requests.ts";
import { resourcesOf, synthesise } from "./synthesise.ts";

// IAM is in no local server: a permission that is missing would show in an account only. So what the functions ask of the
// one-machine stack is held against what the deployed ones may ask of AWS.

const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() }),
    ),
  }),
});

/** What a function may do with objects and tables, in the words of `watchAws`. */
function grantedTo(template: Template, name: string): string[] {
  const [role] = resourcesOf(template, "AWS::IAM::Policy").filter(({ id }) =>
    id.startsWith(`Functions${name}Role`),
  );
  const granted = policy.parse(role?.properties).PolicyDocument.Statement.flatMap(({ Action, Resource }) => {
    const table = /Storage(Balls|Catalog|Rates|Tokens)/.exec(JSON.stringify(Resource))?.[1];
    const ofTable = table === undefined ? "" : ` zipball-${table.toLowerCase()}`;
    return [Action].flat().map((action) => `${action}${ofTable}`);
  });
  return granted.filter((action) => /^(s3|dynamodb):/.test(action));
}

/** The authorizer's: it is asked before every function. */
const findsToken = "dynamodb:GetItem zipball-tokens";

const created = z.object({ data: z.object({ urls: z.object({ url: z.string() }) }) });
const createdZip = z.object({ download_url: z.string(), status_url: z.string() });
const described = z.object({ data: z.object({ objects: z.array(z.object({ object_id: z.string() })) }) });

describe.each([
  ["CRC-32s are learned by who makes a ball", { CRC_BUDGET_MS: "10000" }],
  ["CRC-32s are left to the download", { CRC_BUDGET_MS: "0" }],
])("what functions ask of S3 and of tables, where %s", (_where, variables) => {
  const template = synthesise();
  let stack: TestStack;
  beforeAll(async () => {
    // Without the sample, which the indexer would be busy with.
    const folder = mkdtempSync(join(tmpdir(), "zipball-empty-"));
    stack = await startQuietStack({ variables, folder });
    await stack.put({ "plain/1.txt": "one", "plain/2.txt": "two", "other/1.txt": "one more" });
    await putObjects(stack.s3WithoutChecksums, stack.bucket, { "plain/none.bin": patternBytes(1000, 1) });
    await putInParts("plain/parts.bin");
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await stack.s3.send(new PutBucketVersioningCommand({ Bucket: stack.bucket, VersioningConfiguration }));
    for (const upload of ["first", "second", "third"]) await stack.put({ "versions/a.txt": upload });
    return async () => {
      await stack.close();
      rmSync(folder, { recursive: true });
    };
  });

  /** So that S3 has the checksum of its part only. */
  async function putInParts(key: string): Promise<void> {
    const { uploadOne, complete } = uploadsInto(
      () => stack.s3,
      () => stack.bucket,
    );
    const { UploadId, Parts } = await uploadOne(key);
    await complete(key, UploadId, Parts);
  }

  async function ask(path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(new URL(path, stack.api), {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${stack.token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return await response.json();
  }

  /** Watches what one function asks, beside `others`, and holds it against what the function may ask. */
  function watch(name: string, others: readonly string[] = [findsToken]) {
    const asked = watchAws({ s3: stack.s3Endpoint, dynamodb: stack.dynamodbEndpoint });
    const expectGranted = () => {
      const granted = [...grantedTo(template, name), ...others];
      expect([...asked].filter((action) => !granted.includes(action))).toEqual([]);
      expect(asked.size).toBeGreaterThan(1);
    };
    return { asked, expectGranted };
  }

  const objects = [
    { folder: "/plain" },
    { path: "/versions/a.txt", version: 1 },
    { path: "/versions/a.txt", revision: createHash("md5").update("second").digest("hex").slice(0, 8) },
  ];
  const items = [
    { type: "folder", id: "/plain" },
    { type: "file", id: "/versions/a.txt" },
    { type: "file", id: "/other/1.txt" },
  ];
  const idOf = async (path: string) =>
    described.parse(await ask("/v2/metadata", { path })).data.objects.at(-1)?.object_id ?? "";

  test("metadata may ask", async () => {
    const { expectGranted } = watch("Metadata");
    await ask(`/v2/metadata/${await idOf("/versions/a.txt")}`);
    await ask("/v2/metadata", { path: "/nothing" });
    expectGranted();
  });

  test("create-ball may ask", async () => {
    const id = await idOf("/versions/a.txt");
    const { expectGranted } = watch("CreateBall");
    created.parse(await ask("/v2/zipball", { objects }));
    created.parse(await ask("/v2/zipball", { objects: [{ id, override: "b" }, { path: "/other/1.txt" }] }));
    await ask("/v2/zipball", { objects: [{ path: "/nothing" }] });
    expectGranted();
  });

  test("create-zip-download may ask", async () => {
    const id = await idOf("/versions/a.txt");
    const { expectGranted } = watch("CreateZipDownload");
    createdZip.parse(await ask("/2.0/zip_downloads", { items: [...items, { type: "file", id }] }));
    expectGranted();
  });

  test("download may ask, also when an object is gone", async () => {
    const gone = { Bucket: stack.bucket, Key: "gone/soon.txt" };
    const { VersionId } = await stack.s3.send(new PutObjectCommand({ ...gone, Body: "gone" }));
    const link = await stack.create([...objects, { path: "/gone/soon.txt" }]);
    await stack.s3.send(new DeleteObjectCommand({ ...gone, VersionId }));
    const { expectGranted } = watch("Download");
    await fetch(link, { method: "HEAD" });
    await bytesOf(link);
    await bytesOf(link, { Range: "bytes=0-99" });
    expect((await entriesOf(await bytesOf(link))).map(({ name }) => name)).toContain("_skipped.txt");
    expectGranted();
  });

  test("zip-download-status may ask", async () => {
    const { download_url, status_url } = createdZip.parse(await ask("/2.0/zip_downloads", { items }));
    await ask(status_url);
    await bytesOf(download_url);
    // What a download has learned it keeps after its last byte: that is not the status's.
    await vi.waitFor(async () => {
      const { expectGranted } = watch("ZipDownloadStatus");
      await ask(status_url);
      expectGranted();
    }, 10_000);
  });

  test("the indexer may ask", async () => {
    const tell = (EventBridgeConfiguration: Record<string, never> | undefined) => {
      const NotificationConfiguration = { EventBridgeConfiguration };
      return stack.s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: stack.bucket, NotificationConfiguration }),
      );
    };
    await tell({});
    onTestFinished(async () => void (await tell(undefined)));
    const { asked, expectGranted } = watch("Indexer", ["s3:PUT", "s3:POST"]);
    await stack.put({ "told/1.txt": "told" });
    await putInParts("told/parts.bin");
    await vi.waitFor(() => expect(asked).toContain("s3:GetObjectVersionAttributes"), 10_000);
    await vi.waitFor(() => expect(asked).toContain("dynamodb:BatchWriteItem zipball-catalog"), 10_000);
    expectGranted();
  });
});
