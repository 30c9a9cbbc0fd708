/** A file that is not in the archive: its path there, and what became of it. */
export interface SkippedFile {
  readonly name: string;
  readonly fate: string;
}

const heading = "These files could not be read when they were to be sent, and are not in this zip:";
/** Files that are named; more are counted. */
const mostLines = 10_000;
/** No line about a file ends so: what became of it comes last there. */
const restLine = /^and \d+ more$/;

/**
 * The text that tells of skipped files, UTF-8, one line each behind a heading; beyond 10,000 it says how many more.
 * `earlier` is the text that this one takes the place of; what it names comes first. `count` is that of all of them.
 */
export function writeSkippedNote(
  earlier: Uint8Array | undefined,
  skipped: readonly SkippedFile[],
  count: number,
): Uint8Array {
  const lines = [...(earlier === undefined ? [] : linesOf(earlier))];
  for (const { name, fate } of skipped.slice(0, mostLines - lines.length)) lines.push(`${name}: ${fate}`);
  const rest = count > lines.length ? [`and ${count - lines.length} more`] : [];
  return Buffer.from([heading, "", ...lines, ...rest, ""].join("\n"), "utf8");
}

function linesOf(note: Uint8Array): string[] {
  const lines = Buffer.from(note).toString("utf8").split("\n").slice(2, -1);
  return lines.filter((line) => !restLine.test(line));
}
