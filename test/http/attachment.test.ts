import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAttachment } from "../../lambdas/http/attachment.ts";

/** The file name a client takes of a header: the extended one before the plain one (RFC 6266, section 4.3). */
function fileNameOf(header: string): string | undefined {
  const extended = /filename\*=UTF-8''([^;]*)/.exec(header)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  const quoted = /filename="((?:[^"\\]|\\.)*)"/.exec(header)?.[1]?.replaceAll(/\\(.)/g, "$1");
  return quoted ?? /filename=([^;]*)/.exec(header)?.[1];
}

describe("a file name", () => {
  test.each([
    ["plain.zip", "plain.zip"],
    ["with spaces.zip", "with spaces.zip"],
    ["100% sure.zip", "100% sure.zip"],
    ["a%41.zip", "a%41.zip"],
    ["semi;colon,comma=equals.zip", "semi;colon,comma=equals.zip"],
    ["it's.zip", "it's.zip"],
    ["größe.zip", "größe.zip"],
    ["日本語 😀.zip", "日本語 😀.zip"],
    ["dots..zip", "dots..zip"],
    [".hidden", ".hidden"],
    // What could leave the folder, or the header, is replaced.
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["..\\..\\boot.ini", ".._.._boot.ini"],
    ["C:\\x.zip", "C__x.zip"],
    ['a"b.zip', "a_b.zip"],
    ["a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1"],
    ["a\0b\u007f\u0085", "a_b__"],
    ["a<b>c|d?e*f", "a_b_c_d_e_f"],
    ["evil\u202epiz.exe", "evil_piz.exe"],
    ["evil\u061cpiz.exe", "evil_piz.exe"],
    ["half \ud800 character.zip", "half \ufffd character.zip"],
    // Names that are none.
    ["", "download.zip"],
    [".", "download.zip"],
    ["..", "download.zip"],
    ["....", "download.zip"],
    [" ", "download.zip"],
    [" .. ", "download.zip"],
  ])("%j is saved as %j", (asked, saved) => {
    expect(fileNameOf(formatAttachment(asked))).toBe(saved);
  });

  test("that is long keeps its extension", () => {
    expect(fileNameOf(formatAttachment(`${"x".repeat(300)}.zip`))).toBe(`${"x".repeat(196)}.zip`);
  });

  test.each([197, 198, 199, 200, 201])(
    "of %i letters and a character of two units is not cut in it",
    (letters) => {
      const saved = fileNameOf(formatAttachment(`${"x".repeat(letters)}😀😀.zip`)) ?? "";
      expect(saved).toMatch(/^x+(😀)?(😀)?\.zip$/u);
    },
  );
});

test("whatever is asked for, the header is one line of ASCII and the name within one folder", () => {
  const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.string({ maxLength: 400 }));
  const halves = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 300 });
  const text = fc.oneof(
    anyText,
    halves.map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(text, (asked) => {
      const header = formatAttachment(asked);
      expect(header).toMatch(/^attachment; [\x20-\x7e]+$/);
      expect(header.length).toBeLessThan(4000);
      const saved = fileNameOf(header) ?? "";
      expect(saved).not.toMatch(/^[. ]*$|[/\\]/);
    }),
    { numRuns: 500 },
  );
});
