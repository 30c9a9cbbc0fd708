import { describe, expect, test } from "vitest";
import { FieldWriter } from "../../lambdas/zip/field-writer.ts";

describe("FieldWriter", () => {
  test("writes fields one after another, the least significant byte first", () => {
    const target = new Uint8Array(18);
    const writer = new FieldWriter(target, 1)
      .u8(0x01)
      .u16(0x0203)
      .u32(0x04050607)
      .u64(0x08090a0b0c0d0e)
      .bytes(Uint8Array.of(0xaa, 0xbb));
    expect(Buffer.from(target).toString("hex")).toBe("000103020706050" + "40e0d0c0b0a090800" + "aabb");
    expect(writer.offset).toBe(18);
  });

  test.each([
    ["u8", 0xff, "ff"],
    ["u16", 0xffff, "ffff"],
    ["u32", 0xffffffff, "ffffffff"],
    ["u64", 0x100000000, "0000000001000000"],
    ["u64", Number.MAX_SAFE_INTEGER, "ffffffffffff1f00"],
  ] as const)("%s holds %d", (field, value, hex) => {
    const target = new Uint8Array(hex.length / 2);
    new FieldWriter(target, 0)[field](value);
    expect(Buffer.from(target).toString("hex")).toBe(hex);
  });

  test.each([
    ["u8", 0x100],
    ["u16", 0x10000],
    ["u32", 0x100000000],
    ["u64", 2 ** 53],
    ["u8", -1],
    ["u16", 1.5],
    ["u32", Number.NaN],
  ] as const)("%s refuses %d", (field, value) => {
    expect(() => new FieldWriter(new Uint8Array(8), 0)[field](value)).toThrow(RangeError);
  });

  test.each(["u8", "u16", "u32", "u64"] as const)("%s refuses to leave its buffer", (field) => {
    const width = { u8: 1, u16: 2, u32: 4, u64: 8 }[field];
    expect(() => new FieldWriter(new Uint8Array(width), 1)[field](0)).toThrow(RangeError);
  });

  test("bytes refuses to leave its buffer", () => {
    expect(() => new FieldWriter(new Uint8Array(3), 1).bytes(new Uint8Array(3))).toThrow(RangeError);
  });
});
