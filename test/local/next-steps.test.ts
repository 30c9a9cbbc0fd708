import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { testWith } from "../support/outside-programs.ts";
import { startProcess } from "./start-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const execute = promisify(execFile);

testWith(
  ["curl", "unzip"],
  "the printed lines work when they are pasted, whatever the folder is called",
  async () => {
    const folder = join(temporaryFolder(), `it's "a" $HOME \\ folder`);
    mkdirSync(join(folder, "nested"), { recursive: true });
    writeFileSync(join(folder, "nested/words.txt"), "many words\n".repeat(100_000));
    const { order, download, resume } = await printedLines(folder);
    const directory = temporaryFolder();
    const ball = join(directory, "ball.zip");
    await paste(directory, order, download);
    const whole = digestOf(ball);
    await execute("unzip", ["-tq", ball]);
    await execute("unzip", ["-q", ball, "-d", directory]);
    truncateSync(ball, 500_000);
    await paste(directory, order, resume);
    expect((await execute("unzip", ["-tq", ball])).stdout).toContain("No errors");
    // Each order is a ball of its own, but of the same objects: its bytes are the same.
    expect(digestOf(ball)).toBe(whole);
    // Resuming what is whole already does no harm.
    await paste(directory, order, resume);
    expect(digestOf(ball)).toBe(whole);
  },
);

testWith(["curl", "aria2c"], "the printed line for parallel pieces gives the same bytes", async () => {
  const folder = join(temporaryFolder(), "pieces");
  mkdirSync(folder);
  writeFileSync(join(folder, "words.txt"), "many words\n".repeat(500_000));
  const { order, download, pieces } = await printedLines(folder);
  const directory = temporaryFolder();
  await paste(directory, order, download, pieces);
  expect(digestOf(join(directory, "pieces.zip"))).toBe(digestOf(join(directory, "ball.zip")));
});

testWith(["curl"], "the printed lines for an assembled ball give the same bytes", async () => {
  const folder = join(temporaryFolder(), "assembled");
  mkdirSync(folder);
  writeFileSync(join(folder, "words.txt"), "many words\n".repeat(1_000_000));
  const { order, download, assembled } = await printedLines(folder);
  const directory = temporaryFolder();
  await paste(directory, order, download, assembled);
  expect(digestOf(join(directory, "assembled.zip"))).toBe(digestOf(join(directory, "ball.zip")));
});

testWith(["aws"], "the printed line for the AWS CLI lists the bucket", async () => {
  const folder = join(temporaryFolder(), "listed");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.txt"), "a");
  const { list } = await printedLines(folder);
  expect(await paste(temporaryFolder(), list)).toContain("listed/a.txt");
});

testWith(["curl"], "the printed line for Box's dialect orders a zip download", async () => {
  const folder = join(temporaryFolder(), `it's "boxed"`);
  mkdirSync(folder);
  writeFileSync(join(folder, "a.txt"), "a");
  const { box } = await printedLines(folder);
  const answer = z.object({ download_url: z.url() }).parse(JSON.parse(await paste(temporaryFolder(), box)));
  expect((await fetch(answer.download_url)).headers.get("Content-Type")).toBe("application/zip");
});

/** The parts of what a started stack says, verbatim. */
async function printedLines(folder: string) {
  const { child, said } = await startProcess({ data: temporaryFolder(), folder });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [, order = "", downloads = "", pieces = "", assembled = "", box = "", list = ""] =
    said.stdout.split(/^ {2}# .*$/m);
  const [download = "", resume = ""] = downloads.trim().split("\n");
  return { order, download, resume, pieces, assembled, box, list: list.split(/^\S/m)[0] ?? "" };
}

/** What a shell prints that runs the lines in a directory. Throws: when the last one fails. */
async function paste(directory: string, ...lines: string[]): Promise<string> {
  const { stdout } = await execute("bash", ["-c", lines.join("\n")], { cwd: directory });
  return stdout;
}

const digestOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
