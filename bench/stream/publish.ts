import { readFileSync, writeFileSync } from "node:fs";
import { formatTable, type Table } from "../report.ts";
import { drawChart } from "./chart.ts";
import { panelOf } from "./chart-panel.ts";
import { replaceBetween } from "./replace-between.ts";
import type { SetResult } from "./results.ts";

const page = new URL("../../docs/bench.md", import.meta.url);
const picture = new URL("../../docs/bench.svg", import.meta.url);

interface Publication {
  /** What the figures were taken on, and when. */
  readonly machine: string;
  readonly tables: readonly Table[];
  readonly results: readonly SetResult[];
}

/** Writes the figures into docs/bench.md, and draws them. */
export function publish({ machine, tables, results }: Publication): void {
  const figures = [machine, "![Time and CPU of each contestant](bench.svg)", ...tables.map(formatTable)].join(
    "\n\n",
  );
  writeFileSync(page, replaceBetween(readFileSync(page, "utf8"), "stream", figures));
  writeFileSync(picture, drawChart(results.map(panelOf)));
}
