import type { SQLOutputValue } from "node:sqlite";

/**
 * A row as SQLite hands it out. The schema says what its columns hold; these readers check it once more, so that a
 * database of another shape fails where it is read.
 */
export type Row = Readonly<Record<string, SQLOutputValue>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw wrongColumn(row, column, "text");
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw wrongColumn(row, column, "an integer");
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw wrongColumn(row, column, "bytes");
}

function wrongColumn(row: Row, column: string, expected: string): Error {
  return new Error(`Column ${column} should be ${expected}, but is ${typeof row[column]}.`);
}
