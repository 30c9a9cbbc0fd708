import { createHash, randomUUID } from "node:crypto";
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
import { archiveKey } from "../../lambdas/assembly/archive-keys.ts";
import { createAssemblyQueue } from "../../lambdas/storage/sqs/assembly-queue.ts";
import { uploadsInto } from "../contract/s3/uploads.ts";
import { startQuietStack } from "../e2e/quiet-stack.ts";
import { entriesOf } from "../e2e/read-zip.ts";
import { bytesOf, patternBytes, putObjects, type TestStack } from "../e2e/test-stack.ts";
import { watchAws } from "./aws-requests.ts";
import { type IdleAssembler, startIdleAssembler } from "./idle-assembler.ts";
import { actionsOfS3 } from "./s3-actions.ts";
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

/** What a function may do with buckets, tables and queues, in the words of `watchAws`. */
function grantedTo(template: Template, name: string, stack: TestStack): string[] {
  const resources = [
    ["StorageSource", stack.bucket],
    ["StorageArchives", stack.archivesBucket],
    ["StorageBalls", "zipball-balls"],
    ["StorageCatalog", "zipball-catalog"],
    ["StorageRates", "zipball-rates"],
    ["StorageTokens", "zipball-tokens"],
    ["AssemblyQueue", "zipball-assembly"],
    ["ObjectEventsQueue", "zipball-object-events"],
  ] as const;
  const [role] = resourcesOf(template, "AWS::IAM::Policy").filter(({ id }) =>
    id.startsWith(`Functions${name}Role`),
  );
  return policy.parse(role?.properties).PolicyDocument.Statement.flatMap(({ Action, Resource }) => {
    const text = JSON.stringify(Resource);
    const on = resources.filter(([id]) => text.includes(`"${id}`)).map(([, name]) => name);
    return [Action].flat().flatMap((action) => on.map((name) => `${action} ${name}`));
  });
}

/** The authorizer's: it is asked before every function. */
const findsToken = "dynamodb:GetItem zipball-tokens";
/** Lambda's own: it does so with the function's role. */
const takesMessages = ["zipball-object-events", "zipball-assembly"].flatMap((queue) => [
  `sqs:ReceiveMessage ${queue}`,
  `sqs:DeleteMessage ${queue}`,
]);

const created = z.object({ data: z.object({ urls: z.object({ url: z.string() }) }) });
const createdZip = z.object({ download_url: z.string(), status_url: z.string() });
const described = z.object({ data: z.object({ objects: z.array(z.object({ object_id: z.string() })) }) });

describe.each([
  ["CRC-32s are learned by who makes a ball", { CRC_BUDGET_MS: "10000" }],
  ["CRC-32s are left to the download", { CRC_BUDGET_MS: "0" }],
])("what functions ask of S3 and of tables, where %s", (_where, variables) => {
  const template = synthesise();
  let stack: TestStack;
  let assembler: IdleAssembler;
  beforeAll(async () => {
    // Without the sample, which the indexer would be busy with.
    const folder = mkdtempSync(join(tmpdir(), "zipball-empty-"));
    const options = { folder, variables: { ...variables, HOLD_SECONDS: "1" }, assembler: { concurrency: 0 } };
    stack = await startQuietStack(options);
    await stack.put({ "plain/1.txt": "one", "plain/2.txt": "two", "other/1.txt": "one more" });
    await putObjects(stack.s3WithoutChecksums, stack.bucket, { "plain/none.bin": patternBytes(1000, 1) });
    await putInParts("plain/parts.bin");
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await stack.s3.send(new PutBucketVersioningCommand({ Bucket: stack.bucket, VersioningConfiguration }));
    for (const upload of ["first", "second", "third"]) await stack.put({ "versions/a.txt": upload });
    assembler = await startIdleAssembler(stack);
    return async () => {
      await assembler.stop();
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
    const { s3Endpoint: s3, dynamodbEndpoint: dynamodb } = stack;
    const asked = watchAws({ s3, dynamodb, sqs: stack.sqs.endpoint });
    const expectGranted = () => {
      const granted = [...grantedTo(template, name, stack), ...takesMessages, ...others];
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
    created.parse(await ask("/v2/zipball", { objects, delivery: "assemble" }));
    await ask("/v2/zipball", { objects: [{ path: "/nothing" }] });
    expectGranted();
  });

  test("create-zip-download may ask", async () => {
    const id = await idOf("/versions/a.txt");
    const { expectGranted } = watch("CreateZipDownload");
    createdZip.parse(await ask("/2.0/zip_downloads", { items: [...items, { type: "file", id }] }));
    createdZip.parse(await ask("/2.0/zip_downloads", { items, delivery: "assemble" }));
    expectGranted();
  });

  test("download may ask, also when an object is gone", async () => {
    const gone = { Bucket: stack.bucket, Key: "gone/soon.txt" };
    const { VersionId } = await stack.s3.send(new PutObjectCommand({ ...gone, Body: "gone" }));
    const link = await stack.create([...objects, { path: "/gone/soon.txt" }]);
    await stack.s3.send(new DeleteObjectCommand({ ...gone, VersionId }));
    const { expectGranted } = watch("Download");
    await fetch(link, { method: "HEAD" });
    // Breaks off where S3 answers so late that the object is gone that the first bytes have left: the next is without it.
    await bytesOf(link).catch(() => undefined);
    await bytesOf(link, { Range: "bytes=0-99" });
    expect((await entriesOf(await bytesOf(link))).map(({ name }) => name)).toContain("_skipped.txt");
    expectGranted();
  });

  test("download may ask for an archive that is not there yet and for one that is, and so may who has its link", async () => {
    const early = await stack.create(objects, { delivery: "assemble" });
    await assembler.assemble();
    const late = await stack.create(objects, { delivery: "assemble" });
    const { asked, expectGranted } = watch("Download");
    const locationOf = async (link: string, method = "GET") =>
      (await fetch(link, { method, redirect: "manual" })).headers.get("location") ?? "";
    expect(await locationOf(late)).toContain("?wait=1");
    await locationOf(early, "HEAD");
    const url = new URL(await locationOf(early));
    expect(url.origin).toBe(stack.s3Endpoint);
    expect(asked).not.toContain(`s3:GetObject ${stack.archivesBucket}`);
    expect(grantedTo(template, "Download", stack)).toEqual(
      expect.arrayContaining(actionsOfS3({ method: "GET", url })),
    );
    expectGranted();
  });

  test("the assembler may ask, also when an object is gone and when nobody wants an archive any more", async () => {
    await stack.put({ "large/1.bin": patternBytes(50 * 1024 ** 2, 1) });
    const gone = { Bucket: stack.bucket, Key: "gone/later.txt" };
    const { VersionId } = await stack.s3.send(new PutObjectCommand({ ...gone, Body: "gone" }));
    await stack.create([...objects, { path: "/large/1.bin" }], { delivery: "assemble" });
    await stack.create([...objects, { path: "/gone/later.txt" }], { delivery: "assemble" });
    await stack.create(objects, { compression: "deflate" });
    await stack.s3.send(new DeleteObjectCommand({ ...gone, VersionId }));
    await leaveArchive();
    const { asked, expectGranted } = watch("Assembler", ["sqs:GetQueueAttributes zipball-assembly"]);
    await assembler.assemble();
    const { bucket, archivesBucket } = stack;
    expect([...asked]).toEqual(
      expect.arrayContaining([
        `s3:GetObjectVersion ${bucket}`,
        `s3:ListMultipartUploadParts ${archivesBucket}`,
        `s3:AbortMultipartUpload ${archivesBucket}`,
        `s3:DeleteObject ${archivesBucket}`,
      ]),
    );
    expectGranted();
  });

  /** The archive of a ball that has expired, and work on it. */
  async function leaveArchive(): Promise<void> {
    const ball = { ballId: randomUUID(), etag: '"expired"' };
    await stack.s3.send(
      new PutObjectCommand({ Bucket: stack.archivesBucket, Key: archiveKey(ball, 1), Body: "left" }),
    );
    await createAssemblyQueue(stack.sqsClient, stack.sqs.assemblyQueueUrl).send([
      { ballId: ball.ballId, planEtag: ball.etag, attempt: 1, task: "begin", group: 0, generation: 0 },
    ]);
  }

  test("zip-download-status may ask", async () => {
    const { download_url, status_url } = createdZip.parse(await ask("/2.0/zip_downloads", { items }));
    await ask(status_url);
    await bytesOf(download_url);
    const assembled = createdZip.parse(await ask("/2.0/zip_downloads", { items, delivery: "assemble" }));
    // What a download has learned it keeps after its last byte: that is not the status's.
    await vi.waitFor(async () => {
      const { expectGranted } = watch("ZipDownloadStatus");
      await ask(status_url);
      await ask(assembled.status_url);
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
    // The uploads are the test's, and the bucket tells of them.
    const uploads = [`s3:PutObject ${stack.bucket}`, "sqs:SendMessage zipball-object-events"];
    await tell({});
    onTestFinished(async () => void (await tell(undefined)));
    const { asked, expectGranted } = watch("Indexer", uploads);
    await stack.put({ "told/1.txt": "told" });
    await putInParts("told/parts.bin");
    await vi.waitFor(() => expect(asked).toContain(`s3:GetObjectVersionAttributes ${stack.bucket}`), 10_000);
    await vi.waitFor(() => expect(asked).toContain("dynamodb:BatchWriteItem zipball-catalog"), 10_000);
    expectGranted();
  });
});
