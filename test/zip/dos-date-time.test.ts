import { afterEach, describe, expect, test } from "vitest";
import { dosDateTime } from "../../lambdas/zip/dos-date-time.ts";

const timeZone = process.env.TZ;

afterEach(() => {
  if (timeZone === undefined) delete process.env.TZ;
  else process.env.TZ = timeZone;
});

function readable(iso: string): string {
  const { date, time } = dosDateTime(Date.parse(iso) / 1000);
  const day = [1980 + (date >> 9), (date >> 5) & 15, date & 31].join("-");
  return `${day} ${[time >> 11, (time >> 5) & 63, (time & 31) * 2].join(":")}`;
}

describe("dosDateTime", () => {
  test.each([
    ["2023-11-14T22:13:20Z", "2023-11-14 22:13:20", "an even second is exact"],
    ["2023-11-14T22:13:21Z", "2023-11-14 22:13:20", "an odd second is rounded down"],
    ["1970-01-01T00:00:00Z", "1980-1-1 0:0:0", "before the first time: clamped"],
    ["1979-12-31T23:59:59Z", "1980-1-1 0:0:0", "one second before the first time: clamped"],
    ["1980-01-01T00:00:00Z", "1980-1-1 0:0:0", "the first time"],
    ["2107-12-31T23:59:58Z", "2107-12-31 23:59:58", "the last time"],
    ["2108-01-01T00:00:00Z", "2107-12-31 23:59:58", "after the last time: clamped"],
    ["2024-02-29T12:00:00Z", "2024-2-29 12:0:0", "a leap day"],
  ])("%s becomes %s (%s)", (iso, expected) => {
    expect(readable(iso)).toBe(expected);
  });

  test("times no Date can hold are clamped too", () => {
    expect(dosDateTime(Number.MAX_SAFE_INTEGER)).toEqual(dosDateTime(4_354_819_198));
    expect(dosDateTime(Number.MIN_SAFE_INTEGER)).toEqual(dosDateTime(315_532_800));
  });

  test.each(["Pacific/Kiritimati", "America/St_Johns"])(
    "does not depend on the machine's time zone (%s)",
    (zone) => {
      process.env.TZ = zone;
      expect(new Date(0).getTimezoneOffset()).not.toBe(0);
      expect(readable("2023-11-14T22:13:20Z")).toBe("2023-11-14 22:13:20");
    },
  );
});
