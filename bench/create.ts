import type { BenchContext } from "./context.ts";
import { figure, type Table, verdict } from "./report.ts";

const objectsPerPage = 1000;
const targetSeconds = 20;

/**
 * How long `POST /v2/zipball` takes for folders of many objects, and what it asks of S3: of objects nobody has asked about
 * before, and of the same again, when some or all of it is known.
 */
export async function* create({ stack, say }: BenchContext): AsyncGenerator<Table> {
  say("create: filling the bucket");
  await stack.fill(stack.wide);
  const rows: string[][] = [];
  const balls = [
    [stack.narrow, "new"],
    [stack.narrow, "a second time"],
    [stack.narrow, "a third time"],
    [stack.wide, "a tenth of them not new"],
  ] as const;
  for (const [folder, news] of balls) {
    say(`create: ${folder.objectCount} objects, ${news}`);
    const { seconds, listings, heads } = await stack.makeBall(folder);
    const pages = Math.ceil(folder.objectCount / objectsPerPage);
    rows.push([
      `${folder.objectCount.toLocaleString("en")} objects, ${news}`,
      figure(seconds),
      `< ${targetSeconds}`,
      verdict(seconds < targetSeconds),
      String(listings),
      `≤ ${pages}`,
      verdict(listings <= pages),
      String(heads),
    ]);
  }
  yield {
    title: "Making a ball of a folder",
    columns: ["", "seconds", "target", "held", "listing requests", "target", "held", "HEAD requests"],
    rows,
    note: "HEAD requests are objects asked for their CRC-32 within the budget; the others' are learned by the first download.",
  };
}
