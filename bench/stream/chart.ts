/** Bars of one set, drawn below each other. */
export interface Panel {
  readonly title: string;
  readonly rows: readonly ChartRow[];
}

interface ChartRow {
  readonly label: string;
  readonly isOurs: boolean;
  /** Time and CPU. */
  readonly bars: readonly [time: Bar, cpu: Bar];
}

export interface Bar {
  /** In multiples of the baseline, not below 0. */
  readonly value: number;
  readonly text: string;
}

const width = 960;
const margin = 16;
const panelsPerLine = 2;
const panelWidth = (width - margin * (panelsPerLine + 1)) / panelsPerLine;
const labelWidth = 176;
const textWidth = 120;
const longestBar = panelWidth - labelWidth - textWidth;
const headHeight = 56;
const titleHeight = 28;
const rowHeight = 27;
const barHeight = 11;

/** An SVG of all panels, readable on light and on dark ground. The same for the same panels. */
export function drawChart(panels: readonly Panel[]): string {
  const lines = Array.from({ length: Math.ceil(panels.length / panelsPerLine) }, (_, line) =>
    panels.slice(line * panelsPerLine, (line + 1) * panelsPerLine),
  );
  const drawn: string[] = [];
  let top = headHeight;
  for (const line of lines) {
    drawn.push(...line.map((panel, index) => drawPanel(panel, margin + index * (panelWidth + margin), top)));
    top += titleHeight + Math.max(...line.map(({ rows }) => rows.length)) * rowHeight + margin;
  }
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img">`,
    "<title>Time and CPU of each contestant, in multiples of a pass-through of the same bytes</title>",
    style,
    `<rect class="ground" width="${width}" height="${top}"/>`,
    legend,
    ...drawn,
    "</svg>",
  ].join("\n")}\n`;
}

function drawPanel({ title, rows }: Panel, left: number, top: number): string {
  const most = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const perMultiple = longestBar / most;
  const bottom = titleHeight + rows.length * rowHeight;
  const one = rounded(labelWidth + perMultiple);
  return [
    `<g transform="translate(${left} ${top})">`,
    `<text class="title" x="0" y="16">${escaped(title)}</text>`,
    `<line class="one" x1="${one}" x2="${one}" y1="${titleHeight - 4}" y2="${bottom}"/>`,
    ...rows.map((row, index) => drawRow(row, titleHeight + index * rowHeight, perMultiple)),
    "</g>",
  ].join("\n");
}

function drawRow({ label, isOurs, bars }: ChartRow, top: number, perMultiple: number): string {
  const ours = isOurs ? " ours" : "";
  const [time, cpu] = bars;
  return [
    `<text class="label${ours}" x="${labelWidth - 6}" y="${top + barHeight + 4}">${escaped(label)}</text>`,
    drawBar(time, `time${ours}`, top, perMultiple),
    drawBar(cpu, `cpu${ours}`, top + barHeight + 1, perMultiple),
  ].join("\n");
}

function drawBar({ value, text }: Bar, kind: string, top: number, perMultiple: number): string {
  const length = rounded(Math.max(1, value * perMultiple));
  const textLeft = rounded(labelWidth + length + 4);
  return [
    `<rect class="${kind}" x="${labelWidth}" y="${top}" width="${length}" height="${barHeight}"/>`,
    `<text class="value" x="${textLeft}" y="${top + barHeight - 2}">${escaped(text)}</text>`,
  ].join("");
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Colours of either ground; a viewer that knows of none gets the light one. */
const style = `<style>
.ground { fill: #ffffff }
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.label { text-anchor: end }
.label.ours { font-weight: 600 }
.value { font-size: 10px; fill: #59636e; stroke: #ffffff; stroke-width: 3px; paint-order: stroke }
.one { stroke: #59636e; stroke-dasharray: 2 3 }
.time { fill: #8fa3b8 } .cpu { fill: #c5cfda }
.time.ours { fill: #1a7f5a } .cpu.ours { fill: #7cc5a6 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 }
  text { fill: #e6edf3 }
  .value { fill: #9198a1; stroke: #0d1117 }
  .one { stroke: #9198a1 }
  .time { fill: #5b6f86 } .cpu { fill: #37475a }
  .time.ours { fill: #2fb583 } .cpu.ours { fill: #1d6b4f }
}
</style>`;

const legend = [
  `<text class="title" x="${margin}" y="24">Time and CPU in multiples of a pass-through of the same bytes; shorter is better</text>`,
  `<rect class="time" x="${margin}" y="34" width="12" height="${barHeight}"/><text class="value" x="${margin + 16}" y="43">time</text>`,
  `<rect class="cpu" x="${margin + 52}" y="34" width="12" height="${barHeight}"/><text class="value" x="${margin + 68}" y="43">CPU</text>`,
  `<text class="value" x="${margin + 104}" y="43">dashed: the pass-through itself</text>`,
].join("\n");
