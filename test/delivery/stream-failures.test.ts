import { describe, expect, test } from "vitest";
import { BallError } from "../../lambdas/ball/errors.ts";
import { readBufferBytes } from "../../lambdas/ball/source.ts";
import { dataOffset, localHeaderOffset } from "../../lambdas/layout/layout.ts";
import { archiveOf, drain, someBytes } from "./archive-of.ts";

const small = { bytes: someBytes(1000, 1) };
const empty = { bytes: someBytes(0) };
const medium = { bytes: someBytes(100_000, 2) };
const large = { bytes: someBytes(2 * readBufferBytes + 12_345, 3) };

const unknown = (content: { bytes: Uint8Array }) => ({ ...content, keepsCrc32: false });

/** First bytes that take so many milliseconds: of nothing that is known yet, of a near S3, and of a distant one. */
const distances = [undefined, 1, 50];

describe("failures", () => {
  test.each(distances)(
    "in the middle of a body break the stream off behind right bytes, with S3 %s ms away",
    async (latencyMs) => {
      const contents = [small, large, small];
      for (let offset = 0; offset < large.bytes.length; offset += 600_000) {
        const archive = archiveOf(contents);
        archive.sources.latencyMs = latencyMs;
        archive.sources.chunkBytes = 100_000;
        archive.sources.beforeChunk = ({ key, range }, inRead) => {
          const start = range.start + inRead;
          const end = Math.min(start + archive.sources.chunkBytes, range.end);
          if (key !== "in/entry-1" || offset < start || offset >= end) return;
          throw new BallError("source-unreadable", "broken");
        };
        const { bytes, error } = await drain(archive.stream().chunks);
        expect(error).toMatchObject({ code: "source-unreadable" });
        expect(bytes.length).toBeLessThanOrEqual(dataOffset(archive.layout, 1) + offset);
        expect(bytes.equals(archive.reference.bytes({ start: 0, end: bytes.length }))).toBe(true);
      }
    },
  );

  test("of any read break the stream off, before its promised end and after right bytes", async () => {
    const contents = [small, medium, empty, large, small];
    const whole = archiveOf(contents).reference.bytes();
    const readCount = 6;
    for (let failing = 1; failing <= readCount; failing += 1) {
      const archive = archiveOf(contents.map(unknown));
      archive.sources.beforeRead = (_call, nth) => {
        if (nth === failing) throw new BallError("source-unreadable", "S3 went on failing");
      };
      const { bytes, error } = await drain(archive.stream().chunks);
      expect(error).toMatchObject({ code: "source-unreadable" });
      expect(bytes.length).toBeLessThan(whole.length);
      expect(bytes.equals(whole.subarray(0, bytes.length))).toBe(true);
    }
  });

  test("of an object that was replaced break the stream off, with none of the other object's bytes", async () => {
    const archive = archiveOf([small, medium, small]);
    archive.sources.put("in/entry-1", someBytes(100_000, 77));
    const { bytes, error } = await drain(archive.stream().chunks);
    expect(error).toMatchObject({ code: "source-changed" });
    const before = dataOffset(archive.layout, 1);
    expect(bytes.length).toBeLessThanOrEqual(before);
    expect(bytes.equals(archive.reference.bytes({ start: 0, end: bytes.length }))).toBe(true);
  });

  test("of what is gone are told when it is known of all that is under way whether it is there", async () => {
    const archive = archiveOf(Array.from({ length: 20 }, (_, index) => ({ bytes: someBytes(100, index) })));
    let isAnswered = false;
    archive.sources.put("in/entry-3", "another");
    archive.sources.beforeRead = async ({ key }) => {
      if (key !== "in/entry-15") return;
      // However long it takes: the failure of the fourth would come first.
      await new Promise((resolve) => setTimeout(resolve, 50));
      isAnswered = true;
    };
    const { error } = await drain(archive.stream().chunks);
    expect(error).toMatchObject({ code: "source-changed" });
    expect(isAnswered).toBe(true);
  });

  test.each([
    ["one small chunk", small, 0, undefined],
    ["one read", medium, 0, undefined],
    ["several reads", large, 5, undefined],
    ["several reads, at its end", large, 2 * readBufferBytes + 12_344, undefined],
    ["one read that pauses", large, 5, 1],
    ["one read that pauses, at its end", large, 2 * readBufferBytes + 12_344, 1],
  ])(
    "of a body of %s that does not have its CRC-32 hold its last bytes back",
    async (_name, content, flipped, latencyMs) => {
      const archive = archiveOf([small, content, small]);
      archive.sources.latencyMs = latencyMs;
      const bytes = Buffer.from(content.bytes);
      bytes[flipped] = (bytes[flipped] ?? 0) ^ 1;
      archive.sources.corrupt("in/entry-1", bytes);
      const result = await drain(archive.stream().chunks);
      expect(result.error).toMatchObject({ code: "source-corrupt" });
      expect(result.bytes.length).toBeLessThan(localHeaderOffset(archive.layout, 2));
    },
  );

  test("of a body whose unknown CRC-32 was told by S3 and is another than its bytes have", async () => {
    const archive = archiveOf([large]);
    const bytes = Buffer.from(large.bytes);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    archive.sources.corrupt("in/entry-0", bytes);
    const { error } = await drain(archive.stream({ crc32s: archive.nothingKnown }).chunks);
    expect(error).toMatchObject({ code: "source-corrupt" });
  });

  test("of learning a CRC-32 come before any byte of its header", async () => {
    const archive = archiveOf([small, large].map(unknown));
    archive.sources.beforeRead = ({ key }) => {
      if (key === "in/entry-1") throw new BallError("source-changed", "gone");
    };
    const { bytes, error } = await drain(archive.stream().chunks);
    expect(error).toMatchObject({ code: "source-changed" });
    expect(bytes.length).toBeLessThanOrEqual(localHeaderOffset(archive.layout, 1));
  });

  test("tell their place: the entry, its key, and the offset behind the bytes that came before", async () => {
    const archive = archiveOf([small, medium, small]);
    archive.sources.chunkBytes = 10_000;
    archive.sources.beforeChunk = ({ key }, offset) => {
      if (key === "in/entry-1" && offset === 50_000) throw new BallError("source-unreadable", "broken");
    };
    const { error } = await drain(archive.stream().chunks);
    const offset = dataOffset(archive.layout, 1) + 50_000;
    expect(error).toMatchObject({ place: { entryName: "entry-1", key: "in/entry-1", offset } });
  });

  test("of an abort are the reason it was aborted for", async () => {
    const archive = archiveOf([small, large]);
    const gone = new AbortController();
    archive.sources.beforeRead = () => gone.abort(new Error("the reader left"));
    const { error } = await drain(archive.stream({ signal: gone.signal }).chunks);
    expect(error).toEqual(new Error("the reader left"));
  });
});
