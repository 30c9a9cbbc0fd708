import { z } from "zod";
import { runChild } from "../child.ts";
import { type BenchContext, scaled } from "../context.ts";
import { figure, type Table, verdict } from "../report.ts";
import { storedBytesAnEntry } from "./stored-bytes.ts";

/** The archive core, without any I/O: how long a layout takes, what it keeps, and what a manifest takes when stored. */
export async function* core({ scale, workDir, say }: BenchContext): AsyncGenerator<Table> {
  say("core: layouts");
  const counts = [10_000, 100_000, 1_000_000].map((count) => scaled(count, scale));
  const times = await runChild({
    program: new URL("./time-layout.ts", import.meta.url),
    input: { counts },
    answer: z.object({
      planMs: z.array(z.number()),
      seekMicroseconds: z.number(),
      headerMicroseconds: z.number(),
    }),
  });
  say("core: memory");
  const keptCount = scaled(1_000_000, scale);
  const kept = await runChild({
    program: new URL("./measure-kept-bytes.ts", import.meta.url),
    input: { entryCount: keptCount },
    answer: z.object({ bytesAnEntry: z.number(), keyBytes: z.number() }),
    nodeOptions: ["--expose-gc"],
  });
  say("core: stored manifests");
  const storedCount = scaled(20_000, scale);
  const byEtag = await storedBytesAnEntry({ workDir, entryCount: storedCount, pinKind: "etag" });
  const byVersion = await storedBytesAnEntry({ workDir, entryCount: storedCount, pinKind: "version" });

  const planRows = counts.map((count, index) => {
    const ms = times.planMs[index] ?? Number.NaN;
    const isJudged = index === 1;
    return [
      `layout of ${number(count)} entries`,
      `${figure(ms)} ms`,
      ...(isJudged ? atMost(ms, 500, "ms") : untargeted),
    ];
  });
  yield {
    title: "Core",
    columns: ["", "measured", "target", "held"],
    rows: [
      ...planRows,
      [
        `kept an entry, of ${number(keptCount)}`,
        `${figure(kept.bytesAnEntry)} bytes`,
        ...atMost(kept.bytesAnEntry, 150, "bytes"),
      ],
      [
        `stored an entry, of ${number(storedCount)} by ETag`,
        `${figure(byEtag)} bytes`,
        ...atMost(byEtag, 45, "bytes"),
      ],
      [
        `stored an entry, of ${number(storedCount)} by version id`,
        `${figure(byVersion)} bytes`,
        ...atMost(byVersion, 75, "bytes"),
      ],
      ["seek to a byte of the largest", `${figure(times.seekMicroseconds)} µs`, ...untargeted],
      ["one local file header of the largest", `${figure(times.headerMicroseconds)} µs`, ...untargeted],
    ],
    note: `Keys have ${figure(kept.keyBytes)} bytes on average. Kept: manifest, layout and CRC-32s. Stored: the same, compressed, in DynamoDB.`,
  };
}

const untargeted = ["", ""];

function atMost(value: number, limit: number, unit: string): string[] {
  return [`≤ ${limit} ${unit}`, verdict(value <= limit)];
}

function number(count: number): string {
  return count.toLocaleString("en");
}
