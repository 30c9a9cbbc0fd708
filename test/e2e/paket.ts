import {
  type BucketVersioningStatus,
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "vitest";
import { z } from "zod";
import { hashToken } from "../../lambdas/storage/dynamodb/token-store.ts";
import { tokensTable } from "../../local/tables.ts";
import { entriesOf } from "./read-zip.ts";
import { bytesOf, createBall, post, type TestStack } from "./test-stack.ts";

/** A bucket of its own, and whoever may read it. */
export class Paket {
  readonly bucket: string;
  readonly token: string;
  readonly #stack: TestStack;

  constructor(stack: TestStack, bucket: string, token = `token-of-${bucket}`) {
    this.#stack = stack;
    this.bucket = bucket;
    this.token = token;
  }

  static async open(stack: TestStack, bucket: string, versioning?: BucketVersioningStatus): Promise<Paket> {
    await stack.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const paket = new Paket(stack, bucket);
    if (versioning !== undefined) await paket.setVersioning(versioning);
    await paket.#letIn();
    return paket;
  }

  /** The same for whoever may read only what begins with a prefix. */
  async narrowed(prefix: string): Promise<Paket> {
    const paket = new Paket(this.#stack, this.bucket, `token-of-${prefix}-in-${this.bucket}`);
    await paket.#letIn([prefix]);
    return paket;
  }

  async #letIn(prefixes = [""]): Promise<void> {
    const Item = { tokenHash: hashToken(this.token), bucket: this.bucket, prefixes };
    await this.#stack.dynamoDb.send(new PutCommand({ TableName: tokensTable, Item }));
  }

  async setVersioning(Status: BucketVersioningStatus): Promise<void> {
    const VersioningConfiguration = { Status };
    await this.#stack.s3.send(
      new PutBucketVersioningCommand({ Bucket: this.bucket, VersioningConfiguration }),
    );
  }

  /** Uploads of one path, one after another: their order is what counts versions. Answers their version ids. */
  async upload(key: string, ...bodies: string[]): Promise<(string | undefined)[]> {
    const versionIds: (string | undefined)[] = [];
    for (const Body of bodies) {
      const { VersionId } = await this.#stack.s3.send(
        new PutObjectCommand({ Bucket: this.bucket, Key: key, Body }),
      );
      versionIds.push(VersionId);
    }
    return versionIds;
  }

  async remove(key: string, versionId?: string): Promise<void> {
    const version = versionId === undefined ? {} : { VersionId: versionId };
    await this.#stack.s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key, ...version }));
  }

  /** What is in the ball of these objects: contents by name. */
  async contents(...objects: object[]): Promise<Record<string, string>> {
    const entries = await entriesOf(await bytesOf(await createBall(this.#stack.api, this.token, objects)));
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    return Object.fromEntries(entries.map(({ name, content }) => [name, content.toString()]));
  }

  /** How these objects are refused. */
  async problem(...objects: object[]): Promise<Problem> {
    const response = await post(this.#stack.api, this.token, JSON.stringify({ objects }));
    const { error } = problem.parse(await response.json());
    return { status: response.status, at: error.data.at, reason: error.data.reason, message: error.message };
  }

  /** What the metadata API tells of a path, newest first. */
  async versions(path: string): Promise<readonly Version[]> {
    const response = await fetch(`${this.#stack.api}/v2/metadata`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ path }),
    });
    return metadata
      .parse(await response.json())
      .data.objects.map(({ object_id: id, properties }) => ({ id, ...properties }));
  }

  async idOf(path: string, version: number | null): Promise<string> {
    const found = (await this.versions(path)).find((one) => one.version === version);
    if (found === undefined) throw new Error(`There is no version ${version} of ${path}`);
    return found.id;
  }
}

/** How a request was refused. */
export interface Problem {
  readonly status: number;
  readonly at: string | undefined;
  readonly reason: string;
  readonly message: string;
}

const problem = z.object({
  error: z.object({ message: z.string(), data: z.object({ at: z.string().optional(), reason: z.string() }) }),
});

const metadata = z.object({
  data: z.object({
    objects: z.array(
      z.object({
        object_id: z.uuidv4(),
        properties: z.object({ version: z.int().nullable(), revision: z.string() }),
      }),
    ),
  }),
});

/** One version, as the metadata API tells of it. */
export interface Version {
  readonly id: string;
  readonly version: number | null;
  readonly revision: string;
}
