import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { downloadRequestOf } from "../../lambdas/api/download-request.ts";
import { formatNextTurn } from "../../lambdas/api/next-turn.ts";

const ballId = "e7d86f8c-f53e-4ec5-aee6-5e0408296dbe";
type Query = readonly (readonly [string, string])[];

const ofBitPaket = (queryParameters: Query = [], publicUrl = "https://example.com") => ({
  publicUrl,
  resource: "/{ball}",
  pathParameter: () => `${ballId}.zip`,
  queryParameters,
});
const ofBox = (queryParameters: Query = [], publicUrl = "https://example.com/prod") => ({
  publicUrl,
  resource: "/2.0/zip_downloads/{ball}/content",
  pathParameter: () => ballId,
  queryParameters,
});

describe("the address of the next turn", () => {
  test.each([
    [ofBitPaket(), `https://example.com/${ballId}.zip?wait=5`],
    [
      ofBitPaket([["zipball", ""]], "https://example.com/prod"),
      `https://example.com/prod/${ballId}.zip?wait=5&zipball=`,
    ],
    [ofBox(), `https://example.com/prod/2.0/zip_downloads/${ballId}/content?wait=5`],
    [ofBox([["wait", "4"]]), `https://example.com/prod/2.0/zip_downloads/${ballId}/content?wait=5`],
  ])("of %o is %s", (address, next) => {
    expect(formatNextTurn(address, 5)).toBe(next);
  });

  test("keeps the query but for the turn, whatever is in it", () => {
    const name = fc.string({ unit: "binary" }).filter((text) => text !== "wait");
    const others = fc.array(fc.tuple(name, fc.string({ unit: "binary" })));
    fc.assert(
      fc.property(others, (query) => {
        const location = formatNextTurn(ofBitPaket([["wait", "1"], ...query, ["wait", "x"]]), 2);
        expect(location).toMatch(/^[!-~]+$/);
        const next = new URL(location);
        expect([...next.searchParams]).toEqual([["wait", "2"], ...query.map((pair) => pair.map(wellFormed))]);
      }),
    );
  });

  test("asks for what was asked for, as that turn", () => {
    const query: Query = [
      ["zipball", ""],
      ["X-Bit-Filename", "my holiday & more+.zip"],
    ];
    const { searchParams } = new URL(formatNextTurn(ofBitPaket(query), 7));
    const request = downloadRequestOf({
      ...ofBitPaket(),
      method: "GET",
      requestId: "request-1",
      header: () => undefined,
      query: (name) => searchParams.get(name) ?? undefined,
    });
    expect(request).toMatchObject({ ballId, turn: 7, fileName: "my holiday & more+.zip" });
  });
});

const wellFormed = (text: string) => text.toWellFormed();
