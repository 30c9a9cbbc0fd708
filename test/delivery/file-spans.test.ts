import fc from "fast-check";
import { expect, test } from "vitest";
import type { ManifestEntry } from "../../lambdas/ball/manifest.ts";
import { countFilesWithin, fileSpansOf } from "../../lambdas/delivery/file-spans.ts";
import { unionRanges } from "../../lambdas/delivery/union-ranges.ts";
import { localHeaderOffset, offsetAt } from "../../lambdas/layout/layout.ts";
import { planLayout } from "../../lambdas/layout/plan-layout.ts";
import { freeze } from "../support/manifests.ts";

const note = Buffer.from("skipped");

/** Files, empty files, directories, and data of the manifest's own. */
const anyEntries = fc
  .array(fc.constantFrom("file", "empty", "directory", "inline"), { minLength: 1, maxLength: 12 })
  .map((kinds) =>
    kinds.map((kind, index): ManifestEntry => {
      const name = kind === "directory" ? `${index}/` : `${index}`;
      if (kind === "inline")
        return {
          ...{ key: "", name },
          pin: { kind, bytes: note },
          sizeBytes: note.length,
          mtimeEpochSeconds: 0,
        };
      const sizeBytes = kind === "file" ? 1 + ((index * 37) % 90) : 0;
      return { ...{ key: name, name }, pin: { kind: "etag", etag: '"x"' }, sizeBytes, mtimeEpochSeconds: 0 };
    }),
  );

test("a file counts when header and data lie wholly in what was sent, and nothing but a selected file does", () => {
  fc.assert(
    fc.property(anyEntries, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }), (entries, points) => {
      const manifest = freeze(entries);
      const layout = planLayout(manifest);
      const edges = [...layout.localHeaderOffsets, 0, layout.lengthBytes];
      // As often on an edge of an entry as beside it.
      const at = (point: number) =>
        point % 2 === 0 ? (edges[point % edges.length] ?? 0) : point % (layout.lengthBytes + 1);
      const sent = unionRanges(
        points.map(([one, other]) => ({
          start: Math.min(at(one), at(other)),
          end: Math.max(at(one), at(other)),
        })),
      );
      const expected = entries.filter(
        ({ name, pin }, entry) =>
          !name.endsWith("/") &&
          pin.kind !== "inline" &&
          sent.some(
            ({ start, end }) =>
              start <= localHeaderOffset(layout, entry) &&
              offsetAt(layout.localHeaderOffsets, entry + 1) <= end,
          ),
      );
      expect(countFilesWithin(fileSpansOf(manifest), sent)).toBe(expected.length);
    }),
  );
});
