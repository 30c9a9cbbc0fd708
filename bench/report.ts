/** A table of the report; the first column names what was measured. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

/** As GitHub's Markdown: first column to the left, numbers to the right. */
export function formatTable({ title, columns, rows, note }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const ruler = `|${columns.map((_, index) => (index === 0 ? "---" : "---:")).join("|")}|`;
  const lines = [`### ${title}`, "", line(columns), ruler, ...rows.map(line)];
  return `${lines.join("\n")}\n${note === undefined ? "" : `\n${note}\n`}`;
}

/** Whether a target was held. */
export function verdict(isHeld: boolean): string {
  return isHeld ? "✓" : "✗";
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** Three significant digits are what such measurements are good for. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function multiple(value: number): string {
  return `${value.toFixed(2)} ×`;
}
