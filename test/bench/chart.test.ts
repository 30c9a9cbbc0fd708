import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { drawChart } from "../../bench/stream/chart.ts";

const panel = (title: string, rowCount: number) => ({
  title,
  rows: Array.from({ length: rowCount }, (_, index) => ({
    label: `contestant <${index}>`,
    isOurs: index === 0,
    bars: [
      { value: 1 + index, text: `${1 + index} ×` },
      { value: 0, text: "failed" },
    ] as const,
  })),
});

test("every bar is drawn in its length, inside the picture", () => {
  const svg = drawChart([panel("few & small", 2), panel("one", 1), panel("three", 3)]);
  expect(XMLValidator.validate(svg)).toBe(true);
  const picture = new XMLParser({ ignoreAttributes: false, parseAttributeValue: true }).parse(svg).svg;
  const [few] = picture.g;
  const lengths = few.rect.map((bar: Record<string, unknown>) => bar["@_width"]);
  expect(lengths[2]).toBeCloseTo(2 * lengths[0], 0);
  expect(lengths[1]).toBe(1);
  expect(lengths[2]).toBeLessThan(picture["@_width"] / 2);
});

test("the same figures are the same picture", () => {
  expect(drawChart([panel("a", 3)])).toBe(drawChart([panel("a", 3)]));
});
