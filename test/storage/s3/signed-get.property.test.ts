import fc from "fast-check";
import { expect, test } from "vitest";
import { type Pin, pinOf } from "../../../lambdas/ball/pin.ts";
import type { PinnedSource } from "../../../lambdas/ball/source.ts";
import { resolveAddress } from "../../../lambdas/storage/s3/object-address.ts";
import { pinInput, pinnedGet } from "../../../lambdas/storage/s3/pinned-request.ts";
import { signedGet } from "../../../lambdas/storage/s3/signed-get.ts";
import { authorizationOf, encodeComponent } from "../../../lambdas/storage/s3/sigv4.ts";
import { createSourceReader } from "../../../lambdas/storage/s3/source-reader.ts";
import { readAll } from "../../support/read-all.ts";
import { testS3 } from "../../support/s3.ts";
import { originOf, requestOfSdk, type SdkRequest } from "../../support/sdk-request.ts";

const awkward = [" ", "+", "%", "%2F", "/", "//", ".", "..", "../", "'", '"', "!", "*", "(", ")", "?", "#"];
const text = fc.oneof(
  fc.constantFrom(...awkward, "&", "=", "\\", "\t", "~", "ü", "😀"),
  fc.string({ unit: "grapheme" }),
);
const key = fc
  .array(text, { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(""))
  .filter((joined) => joined !== "" && Buffer.byteLength(joined) <= 1024);

const etag = fc.stringMatching(/^"[0-9a-f]{32}(-[1-9][0-9]?)?"$/);
const pin = fc.oneof(
  fc.record({ kind: fc.constant("etag" as const), etag }),
  fc.record({ kind: fc.constant("null-version" as const), etag }),
  fc.record({ kind: fc.constant("version" as const), versionId: fc.string({ minLength: 1 }) }),
) satisfies fc.Arbitrary<Pin>;

const range = fc.option(
  fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: 2 ** 40 }))
    .map(([start, size]) => ({ start, end: start + size })),
  { nil: undefined },
);

const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.string({ minLength: 1, maxLength: 40 }),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9+/=]{1,200}$/),
  },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);

const where = fc.record(
  {
    region: fc.constantFrom("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"),
    forcePathStyle: fc.boolean(),
    endpoint: fc.constantFrom(
      "http://127.0.0.1:9000",
      "https://objects.example",
      "https://gateway.example:8443/store/s3",
    ),
  },
  { requiredKeys: ["region", "forcePathStyle"] },
);

/** The headers the SDK signed, with what it sent in them. */
function signedHeadersOf({ headers }: SdkRequest): [string, string][] {
  const names = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "")?.[1]?.split(";") ?? [];
  return names.map((name) => [name, headers[name] ?? ""]);
}

function canonicalQueryOf({ query }: SdkRequest): string {
  const parameters = Object.entries(query).map(
    ([name, value]) => `${encodeComponent(name)}=${encodeComponent(value)}`,
  );
  return parameters.sort().join("&");
}

const pairsOf = (list: readonly string[]) =>
  new Map(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ""] as const] : [])));

test("a GET goes where the SDK's goes, asks for the same, and has the signature that the SDK computes", async () => {
  await fc.assert(
    fc.asyncProperty(where, credentials, key, pin, range, async (config, identity, Key, pinned, bytes) => {
      const source: PinnedSource = { bucket: "a-bucket", key: Key, pin: pinned, sizeBytes: 1 };
      const Range = bytes && `bytes=${bytes.start}-${bytes.end - 1}`;
      const input = {
        Bucket: "a-bucket",
        Key,
        ...pinInput(source),
        ...(Range === undefined ? {} : { Range }),
      };
      const { request, client } = await requestOfSdk({ ...config, credentials: identity }, input);
      const amzDate = request.headers["x-amz-date"] ?? "";

      const address = await resolveAddress(client, "a-bucket");
      const ours = signedGet(pinnedGet(source, bytes), address, identity, amzDate);
      const [path, query] = ours.path.split("?");
      expect({ origin: address.origin, path }).toEqual({ origin: originOf(request), path: request.path });
      const { "x-id": _nameOfOperation, ...asked } = request.query;
      expect(Object.fromEntries(new URLSearchParams(query?.replaceAll("+", "%2B")))).toEqual(asked);
      const { authorization, ...headers } = Object.fromEntries(pairsOf(ours.headers));
      expect(request.headers).toMatchObject(headers);
      expect(Object.keys(headers)).toEqual(
        expect.arrayContaining(identity.sessionToken === undefined ? [] : ["x-amz-security-token"]),
      );

      const scope = { ...identity, region: address.region, service: address.service };
      const sign = (parts: { query: string; headers: [string, string][] }) =>
        authorizationOf(
          {
            method: "GET",
            path: request.path,
            payloadHash: request.headers["x-amz-content-sha256"] ?? "",
            ...parts,
          },
          scope,
          amzDate,
        );
      expect(sign({ query: canonicalQueryOf(request), headers: signedHeadersOf(request) })).toBe(
        request.headers.authorization,
      );
      expect(sign({ query: query ?? "", headers: Object.entries(headers) })).toBe(authorization);
    }),
    { numRuns: 150 },
  );
});

const s3 = testS3();

test("a server that verifies signatures takes every GET", async () => {
  const versioned = await s3().newBucket({ versioning: "Enabled" });
  const plain = await s3().newBucket();
  await fc.assert(
    fc.asyncProperty(key, fc.constantFrom(versioned, plain), fc.boolean(), async (Key, bucket, isWhole) => {
      await s3().put(bucket, Key, "0123456789");
      const reader = createSourceReader(s3().client, {
        retry: { attempts: 1, firstPauseMs: 0, maxPauseMs: 0 },
      });
      const object = await reader.describe(bucket, Key);
      if (object === undefined) throw new Error(`There is no ${Key}`);
      const source = { bucket, key: Key, pin: pinOf(object), sizeBytes: 10 };
      const asked = isWhole ? { start: 0, end: 10 } : { start: 3, end: 7 };
      expect((await readAll(reader.read(source, asked))).toString()).toBe(isWhole ? "0123456789" : "3456");
    }),
    { numRuns: 40 },
  );
});
