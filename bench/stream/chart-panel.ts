import { multiple } from "../report.ts";
import type { Bar, Panel } from "./chart.ts";
import { baseline, type ContestantName, contestantOf } from "./contestants/contestants.ts";
import { cpuOf, ratioOf, type SetResult, type Value, wallOf } from "./results.ts";
import { secondsOf } from "./set-table.ts";

/** What the chart shows of a set. */
export function panelOf(result: SetResult): Panel {
  const rows = result.names.map((name) => {
    const { title, kind } = contestantOf(name);
    return {
      label: title,
      isOurs: kind === "zipball",
      bars: [barOf(result, name, wallOf), barOf(result, name, cpuOf)] as const,
    };
  });
  return { title: result.set.title, rows };
}

function barOf(result: SetResult, name: ContestantName, value: Value): Bar {
  const ratio = ratioOf(result, name, baseline, value);
  if (ratio === undefined) return { value: 0, text: "failed" };
  return { value: ratio, text: `${multiple(ratio)} · ${secondsOf(result, name, value)} s` };
}
