import { describe, expect, test } from "vitest";
import { Authenticator } from "../../../local/s3/authenticate.ts";
import { decodeAwsChunked } from "../../../local/s3/aws-chunked.ts";
import { parseTarget, type S3Request } from "../../../local/s3/request.ts";

/**
 * The worked examples of the S3 API reference, "Signature calculations for the Authorization header" (single chunk
 * and multiple chunks) and "Authenticating requests: using query parameters".
 */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const now = () => new Date("2013-05-24T00:00:00Z");
const authenticator = new Authenticator({ credentials: [credentials], region: "us-east-1", now });
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function requestOf(method: string, target: string, headers: Record<string, string>): S3Request {
  const body = () => {
    throw new Error("The body is not needed to judge a signature.");
  };
  return { method, ...parseTarget(target), headers, body };
}

function signedRequest(
  [method, target]: [string, string],
  headers: Record<string, string>,
  signature: string,
): S3Request {
  const all = { host: "examplebucket.s3.amazonaws.com", "x-amz-date": "20130524T000000Z", ...headers };
  const signedHeaders = Object.keys(all).sort().join(";");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
  return requestOf(method, target, { ...all, authorization });
}

const examples: [name: string, S3Request][] = [
  [
    "GET object with a range",
    signedRequest(
      ["GET", "/test.txt"],
      { range: "bytes=0-9", "x-amz-content-sha256": emptyHash },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
  ],
  [
    "PUT object",
    signedRequest(
      ["PUT", "/test%24file.text"],
      {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
  ],
  [
    "GET bucket lifecycle, a parameter without a value",
    signedRequest(
      ["GET", "/?lifecycle"],
      { "x-amz-content-sha256": emptyHash },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
  ],
  [
    "GET bucket, parameters to be sorted",
    signedRequest(
      ["GET", "/?prefix=J&max-keys=2"],
      { "x-amz-content-sha256": emptyHash },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
  ],
  [
    "a presigned link",
    requestOf(
      "GET",
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      { host: "examplebucket.s3.amazonaws.com" },
    ),
  ],
];

describe("AWS's worked examples of signatures", () => {
  test.each(examples)("%s is accepted", (_, request) => {
    expect(() => authenticator.authenticate(request)).not.toThrow();
  });

  test.each(examples)("%s of another method is not", (_, request) => {
    expect(() => authenticator.authenticate({ ...request, method: "DELETE" })).toThrow(/does not match/);
  });
});

describe("AWS's worked example of a body in signed chunks", () => {
  const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const request = signedRequest(
    ["PUT", "/examplebucket/chunkObject.txt"],
    {
      host: "s3.amazonaws.com",
      "content-encoding": "aws-chunked",
      "content-length": "66824",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    seed,
  );
  const signatures = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ];
  const bodyWith = (fill: string) =>
    Buffer.from(
      [65536, 1024, 0]
        .map((length, index) => {
          const data = fill.repeat(length);
          return `${length.toString(16)};chunk-signature=${signatures[index]}\r\n${data}\r\n`;
        })
        .join(""),
    );

  async function decode(body: Buffer): Promise<number> {
    const { chunkSigning } = authenticator.authenticate(request);
    const options = { signing: chunkSigning, hasTrailers: false, trailers: new Map<string, string>() };
    async function* whole() {
      yield body;
    }
    let length = 0;
    for await (const piece of decodeAwsChunked(whole(), options)) length += piece.length;
    return length;
  }

  test("is accepted", async () => {
    expect(await decode(bodyWith("a"))).toBe(66560);
  });

  test("of other bytes is not", async () => {
    await expect(decode(bodyWith("b"))).rejects.toThrow(/does not match/);
  });
});
