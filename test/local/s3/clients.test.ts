import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { describe, expect } from "vitest";
import { outside, testWith } from "../../support/outside-programs.ts";
import {
  clientOf,
  createBucket,
  credentials,
  region,
  startServer,
  temporaryDirectory,
} from "./local-server.ts";

const run = promisify(execFile);

const files: Readonly<Record<string, Buffer>> = {
  "a.txt": Buffer.from("a"),
  empty: Buffer.alloc(0),
  "folder/b.txt": Buffer.from("b"),
  "folder/deeper/ümläut & plus+percent%20.txt": Buffer.from("c"),
  "folder/with space/(d) 😀.bin": randomBytes(300_000),
  "twenty megabytes": randomBytes(20_000_000),
};

function makeFolder(): string {
  const folder = temporaryDirectory();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

function expectFolder(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(names.map((name) => name.slice(folder.length + 1)).sort()).toEqual(Object.keys(files).sort());
  for (const [name, bytes] of Object.entries(files)) {
    expect(readFileSync(join(folder, name)).equals(bytes), name).toBe(true);
  }
}

async function serverWithBucket() {
  const server = await startServer();
  await createBucket(server, "bucket");
  return { server, client: clientOf(server), endpoint: server.endpoint };
}

describe("AWS CLI", () => {
  /** Only what the test says, whatever the machine is configured for. */
  function aws(endpoint: string, ...words: string[]) {
    const config = join(temporaryDirectory(), "config");
    // The CLI's first version presigns with Signature Version 2 unless told otherwise.
    writeFileSync(config, "[default]\ns3 =\n  signature_version = s3v4\n  addressing_style = path\n");
    const env = {
      PATH: process.env.PATH,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      LC_ALL: "C.UTF-8",
    };
    return run(outside("aws"), ["--endpoint-url", endpoint, ...words], { env });
  }

  testWith(["aws"], "aws s3api says that a bucket tells EventBridge, and that it does not", async () => {
    const { endpoint } = await serverWithBucket();
    const configure = (configuration: unknown) => {
      const words = ["--bucket", "bucket", "--notification-configuration", JSON.stringify(configuration)];
      return aws(endpoint, "s3api", "put-bucket-notification-configuration", ...words);
    };
    const configured = () =>
      aws(endpoint, "s3api", "get-bucket-notification-configuration", "--bucket", "bucket");
    await configure({ EventBridgeConfiguration: {} });
    expect(JSON.parse((await configured()).stdout)).toEqual({ EventBridgeConfiguration: {} });
    await configure({});
    expect((await configured()).stdout.trim()).toBe("");
  });

  testWith(["aws"], "aws s3 sync brings a folder there and back unchanged", async () => {
    const { endpoint } = await serverWithBucket();
    await aws(endpoint, "s3", "sync", "--quiet", makeFolder(), "s3://bucket/synced");
    const back = temporaryDirectory();
    await aws(endpoint, "s3", "sync", "--quiet", "s3://bucket/synced", back);
    expectFolder(back);
    const again = await aws(endpoint, "s3", "sync", "s3://bucket/synced", back);
    expect(again.stdout).toBe("");
  });

  testWith(["aws"], "aws s3 cp sends a large file in parts", async () => {
    const { endpoint, client } = await serverWithBucket();
    await aws(endpoint, "s3", "cp", "--quiet", join(makeFolder(), "twenty megabytes"), "s3://bucket/large");
    const target = { Bucket: "bucket", Key: "large" };
    expect((await client.send(new HeadObjectCommand(target))).ETag).toMatch(/-3"$/);
    const { Body } = await client.send(new GetObjectCommand(target));
    expect(files["twenty megabytes"]?.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(
      true,
    );
  });

  testWith(["aws", "curl"], "aws s3 presign gives a link that curl downloads and resumes", async () => {
    const { endpoint } = await serverWithBucket();
    const folder = makeFolder();
    await aws(endpoint, "s3", "cp", "--quiet", join(folder, "twenty megabytes"), "s3://bucket/large");
    const { stdout } = await aws(endpoint, "s3", "presign", "s3://bucket/large");
    const partial = join(folder, "partial");
    writeFileSync(partial, files["twenty megabytes"]?.subarray(0, 1_234_567) ?? "");
    await run(outside("curl"), [
      "--silent",
      "--fail",
      "--continue-at",
      "-",
      "--output",
      partial,
      stdout.trim(),
    ]);
    expect(files["twenty megabytes"]?.equals(readFileSync(partial))).toBe(true);
  });

  testWith(["aws"], "aws s3 cp between buckets copies in S3, at once and in parts", async () => {
    const { server, endpoint } = await serverWithBucket();
    await createBucket(server, "another");
    await aws(endpoint, "s3", "cp", "--quiet", "--recursive", makeFolder(), "s3://bucket/");
    // The CLI copies what has 8 MiB or more in parts.
    await aws(endpoint, "s3", "cp", "--quiet", "--recursive", "s3://bucket/", "s3://another/");
    const target = { Bucket: "another", Key: "twenty megabytes" };
    expect((await clientOf(server).send(new HeadObjectCommand(target))).ETag).toMatch(/-3"$/);
    const back = temporaryDirectory();
    await aws(endpoint, "s3", "sync", "--quiet", "s3://another", back);
    expectFolder(back);
  });

  testWith(["aws"], "aws s3 rm --recursive and rb leave nothing", async () => {
    const { endpoint, client } = await serverWithBucket();
    await aws(endpoint, "s3", "cp", "--quiet", "--recursive", makeFolder(), "s3://bucket/");
    await aws(endpoint, "s3", "rm", "--quiet", "--recursive", "s3://bucket/");
    expect((await client.send(new ListObjectsV2Command({ Bucket: "bucket" }))).KeyCount).toBe(0);
    await aws(endpoint, "s3", "rb", "s3://bucket");
  });
});

describe("rclone", () => {
  function rclone(endpoint: string, ...words: string[]) {
    const env = {
      PATH: process.env.PATH,
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_LOCALS3_TYPE: "s3",
      // "AWS" would address buckets by host name.
      RCLONE_CONFIG_LOCALS3_PROVIDER: "Other",
      RCLONE_CONFIG_LOCALS3_ENDPOINT: endpoint,
      RCLONE_CONFIG_LOCALS3_REGION: region,
      RCLONE_CONFIG_LOCALS3_LOCATION_CONSTRAINT: region,
      RCLONE_CONFIG_LOCALS3_ACCESS_KEY_ID: credentials.accessKeyId,
      RCLONE_CONFIG_LOCALS3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      RCLONE_CONFIG_LOCALS3_FORCE_PATH_STYLE: "true",
      RCLONE_S3_UPLOAD_CUTOFF: "10M",
      RCLONE_RETRIES: "1",
      RCLONE_LOW_LEVEL_RETRIES: "1",
      HOME: temporaryDirectory(),
    };
    return run(outside("rclone"), words, { env });
  }

  testWith(["rclone"], "rclone copies a folder in, checks it, and copies it out unchanged", async () => {
    const { endpoint } = await serverWithBucket();
    const folder = makeFolder();
    await rclone(endpoint, "copy", folder, "LOCALS3:bucket/copied");
    const check = await rclone(endpoint, "check", "--download", folder, "LOCALS3:bucket/copied");
    expect(check.stderr).toContain("0 differences found");
    const back = temporaryDirectory();
    await rclone(endpoint, "copy", "LOCALS3:bucket/copied", back);
    expectFolder(back);
  });

  testWith(["rclone"], "rclone copies between buckets in S3", async () => {
    const { endpoint } = await serverWithBucket();
    await rclone(endpoint, "copy", makeFolder(), "LOCALS3:bucket");
    await rclone(endpoint, "mkdir", "LOCALS3:another");
    const { stderr } = await rclone(
      endpoint,
      "copy",
      "-vv",
      "--s3-copy-cutoff=10M",
      "LOCALS3:bucket",
      "LOCALS3:another",
    );
    expect(stderr.match(/Copied \(server-side copy\)/g)).toHaveLength(Object.keys(files).length);
    const back = temporaryDirectory();
    await rclone(endpoint, "copy", "LOCALS3:another", back);
    expectFolder(back);
  });

  testWith(["rclone"], "rclone makes a bucket, lists it and purges it", async () => {
    const { endpoint } = await serverWithBucket();
    await rclone(endpoint, "mkdir", "LOCALS3:another");
    await rclone(endpoint, "copy", makeFolder(), "LOCALS3:another");
    const { stdout } = await rclone(endpoint, "lsf", "--recursive", "--files-only", "LOCALS3:another");
    expect(stdout.trim().split("\n").sort()).toEqual(Object.keys(files).sort());
    await rclone(endpoint, "purge", "LOCALS3:another");
    const { stdout: buckets } = await rclone(endpoint, "lsd", "LOCALS3:");
    expect(buckets).not.toContain("another");
  });
});
