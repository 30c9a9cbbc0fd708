import { describe, expect, test } from "vitest";
import { parseObjectEvent } from "../../lambdas/queue/object-event.ts";

/** As in the S3 user guide, "EventBridge event message structure". */
const created = {
  version: "0",
  id: "17793124-05d4-b198-2fde-7ededc63b103",
  "detail-type": "Object Created",
  source: "aws.s3",
  account: "111122223333",
  time: "2021-11-12T00:00:00Z",
  region: "ca-central-1",
  resources: ["arn:aws:s3:::amzn-s3-demo-bucket1"],
  detail: {
    version: "0",
    bucket: { name: "amzn-s3-demo-bucket1" },
    object: {
      key: "example-key",
      size: 5,
      etag: "b57f9512698f4b09e608f4f2a65852e5",
      "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
      sequencer: "00617F08299329D189",
    },
    "request-id": "N4N7GDK58NMKJ12R",
    requester: "123456789012",
    "source-ip-address": "1.2.3.4",
    reason: "PutObject",
  },
};

const withObject = (object: object) => ({ ...created, detail: { ...created.detail, object } });

describe("an event", () => {
  test("of an upload tells what was uploaded", () => {
    expect(parseObjectEvent(JSON.stringify(created))).toEqual({
      bucket: "amzn-s3-demo-bucket1",
      key: "example-key",
      versionId: "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
      etag: '"b57f9512698f4b09e608f4f2a65852e5"',
    });
  });

  test.each([
    ["without one", {}],
    ["with the one that S3 calls null", { "version-id": "null" }],
  ])("of an object without a version id, %s", (_, versionId) => {
    const event = withObject({ key: "a", size: 1, etag: "e", sequencer: "1", ...versionId });
    expect(parseObjectEvent(JSON.stringify(event))?.versionId).toBeUndefined();
  });

  test.each(["50%25 a+b%2Fc.txt", "Grüße ☀", "\u0001\n"])("carries the key %j as it is", (key) => {
    const event = withObject({ key, size: 1, etag: "e", sequencer: "1" });
    expect(parseObjectEvent(JSON.stringify(event))?.key).toBe(key);
  });

  test.each([
    ["a deletion", { ...created, "detail-type": "Object Deleted", detail: { reason: "DeleteObject" } }],
    ["another kind", { ...created, "detail-type": "Object Restore Completed" }],
    ["another source", { ...created, source: "aws.ec2" }],
  ])("of %s tells nothing", (_, event) => {
    expect(parseObjectEvent(JSON.stringify(event))).toBeUndefined();
  });

  test.each([
    ["no JSON", "Object Created"],
    ["no object", "[]"],
    ["S3's own notification, which is not that of EventBridge", JSON.stringify({ Records: [] })],
    ["an upload without a key", JSON.stringify(withObject({ size: 1, etag: "e", sequencer: "1" }))],
    ["an upload without an ETag", JSON.stringify(withObject({ key: "a", size: 1, sequencer: "1" }))],
    ["an upload into no bucket", JSON.stringify({ ...created, detail: { object: created.detail.object } })],
  ])("that is none is refused: %s", (_, body) => {
    expect(() => parseObjectEvent(body)).toThrow();
  });
});
