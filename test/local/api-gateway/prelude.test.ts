import fc from "fast-check";
import { expect, test } from "vitest";
import { PreludeReader } from "../../../local/api-gateway/prelude.ts";

const nothing = Buffer.alloc(8);
const maxLength = 16 * 1024;

test("a prelude is found however the stream is cut into chunks", () => {
  const stream = Buffer.concat([
    Buffer.from('{"statusCode":200,"headers":{"a":1}}'),
    nothing,
    Buffer.from("body"),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const ends = [...cuts, stream.length].sort((a, b) => a - b);
      const reader = new PreludeReader();
      let body = "";
      let isFound = false;
      for (const [index, end] of ends.entries()) {
        const chunk = stream.subarray(ends[index - 1] ?? 0, end);
        if (isFound) body += chunk.toString();
        else {
          const found = reader.push(chunk);
          isFound = found !== undefined;
          body += found?.body.toString() ?? "";
          if (found)
            expect(found.prelude).toEqual({ statusCode: 200, headers: [{ name: "a", values: ["1"] }] });
        }
      }
      expect(body).toBe("body");
    }),
  );
});

test("a body may begin with NUL bytes of its own", () => {
  const found = new PreludeReader().push(
    Buffer.concat([Buffer.from('{"statusCode":200}'), nothing, Buffer.from("\0\0x")]),
  );
  expect(found?.body.toString()).toBe("\0\0x");
});

test.each([
  [maxLength, true],
  [maxLength + 1, false],
])("a prelude whose delimiter ends after %i bytes is accepted: %s", (length, isAccepted) => {
  const empty = JSON.stringify({ statusCode: 200, headers: { a: "" } });
  const padding = "x".repeat(length - empty.length - nothing.length);
  const text = JSON.stringify({ statusCode: 200, headers: { a: padding } });
  const push = () => new PreludeReader().push(Buffer.concat([Buffer.from(text), nothing]));
  if (isAccepted) expect(push()?.prelude.statusCode).toBe(200);
  else expect(push).toThrow("within 16384 bytes");
});

test("values for all of multiValueHeaders hold where both maps name a header", () => {
  const text = JSON.stringify({
    statusCode: 200,
    headers: { A: "1", B: "2" },
    multiValueHeaders: { a: ["3", "4"] },
  });
  const found = new PreludeReader().push(Buffer.concat([Buffer.from(text), nothing]));
  expect(found?.prelude.headers).toEqual([
    { name: "a", values: ["3", "4"] },
    { name: "B", values: ["2"] },
  ]);
});
