import { type BenchContext, scaled } from "./context.ts";
import { type ProcessMemory, readProcessMemory, resetPeak } from "./process-memory.ts";
import { megabytes, type Table, verdict } from "./report.ts";
import { downloadFast, downloadSlowly } from "./stack/download.ts";
import type { FilledFolder } from "./stack/filled-stack.ts";

const targetBytes = 250e6;

/** Resident memory of the whole stack (API, functions, S3, DynamoDB and SQS in one process), phase by phase. */
export async function* memory(context: BenchContext): AsyncGenerator<Table> {
  const { stack } = context;
  const { pid } = await stack.start();
  const phases = new Phases(pid, context.say);
  await phases.run("started", async () => "");
  for (const folder of [stack.large, stack.wide]) {
    const what = describe(folder);
    await phases.run(`filling the bucket with ${what}`, async () => {
      await stack.fill(folder);
      return "";
    });
    await readBall(context, phases, folder, what);
  }
  yield {
    title: "Memory of the process that `npm start` runs",
    columns: ["", "peak MB", "MB after", "target", "held", ""],
    rows: phases.rows,
    note: phases.isPeakReset
      ? "Peaks are those of each phase (VmHWM, reset in between)."
      : "Peaks could not be reset here: each is that of its phase and all before (VmHWM).",
  };
}

async function readBall(
  { stack, scale }: BenchContext,
  phases: Phases,
  folder: FilledFolder,
  what: string,
): Promise<void> {
  const slow = { bytesPerSecond: 1e6, seconds: Math.max(3, scaled(20, scale)) };
  let link = "";
  await phases.run(`making a ball of ${what}`, async () => {
    const made = await stack.makeBall(folder);
    link = made.link;
    return `${made.seconds.toFixed(1)} s`;
  });
  const fast = `${what} to a fast reader`;
  await phases.runJudged(fast, async () => {
    const { lengthBytes, seconds, isWhole } = await downloadFast(link, folder.objectCount);
    return `${megabytes(lengthBytes)} MB at ${megabytes(lengthBytes / seconds)} MB/s${isWhole ? "" : ", NOT WHOLE"}`;
  });
  await phases.runJudged(`${what} to a reader of 1 MB/s`, async () => {
    return `${megabytes(await downloadSlowly(link, slow))} MB in ${slow.seconds} s`;
  });
}

class Phases {
  readonly rows: string[][] = [];
  isPeakReset = true;
  readonly #pid: number;
  readonly #say: (what: string) => void;

  constructor(pid: number, say: (what: string) => void) {
    this.#pid = pid;
    this.#say = say;
  }

  /** `work` resolves with what else there is to say of it. */
  async run(name: string, work: () => Promise<string>): Promise<void> {
    const { peakBytes, residentBytes, remark } = await this.#measure(name, work);
    this.rows.push([name, megabytes(peakBytes), megabytes(residentBytes), "", "", remark]);
  }

  /** A phase whose peak has a target. */
  async runJudged(name: string, work: () => Promise<string>): Promise<void> {
    const { peakBytes, residentBytes, remark } = await this.#measure(name, work);
    const judged = [`< ${megabytes(targetBytes)}`, verdict(peakBytes < targetBytes)];
    this.rows.push([name, megabytes(peakBytes), megabytes(residentBytes), ...judged, remark]);
  }

  async #measure(name: string, work: () => Promise<string>): Promise<ProcessMemory & { remark: string }> {
    this.#say(`memory: ${name}`);
    this.isPeakReset = resetPeak(this.#pid) && this.isPeakReset;
    const remark = await work();
    return { ...readProcessMemory(this.#pid), remark };
  }
}

function describe({ objectCount, sizeBytes }: FilledFolder): string {
  const MiB = 1024 * 1024;
  const size = sizeBytes >= MiB ? `${sizeBytes / MiB} MiB` : `${sizeBytes} bytes`;
  return `${objectCount.toLocaleString("en")} × ${size}`;
}
