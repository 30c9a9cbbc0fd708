import type { Assembly, AssemblyStore, GroupProgress } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import type { DeliveryStatus } from "./read-status.ts";

/** Of the archive of an assembled ball. */
export interface AssembledBytes {
  /** Its length; undefined as long as nobody knows it. */
  readonly total: number | undefined;
  /** How many of them are in finished parts. */
  readonly assembled: number;
}

/** How far the archive of an assembled ball's present plan has come. */
export async function assembledStatus(
  assemblies: Pick<AssemblyStore, "find" | "groups">,
  ball: Ball,
): Promise<DeliveryStatus> {
  const assembly = await assemblies.find(ball);
  const total = ball.compression === "stored" ? ball.lengthBytes : undefined;
  if (assembly === undefined) return { ...underWay, downloadedFileCount: 0, bytes: { total, assembled: 0 } };
  if (assembly.archive !== undefined) return ofMade(assembly, assembly.archive.lengthBytes, ball.fileCount);
  const { doneBytes, doneFileCount } = sumOf(await assemblies.groups(ball, assembly.attempt));
  const downloadedFileCount = Math.min(doneFileCount, ball.fileCount);
  const bytes = { total, assembled: Math.min(doneBytes, total ?? doneBytes) };
  if (assembly.state !== "failed") return { ...underWay, downloadedFileCount, bytes };
  return { state: "failed", failure: assembly.failure, downloadedFileCount, bytes };
}

const underWay = { state: "in_progress", failure: undefined } as const;

/** The download has succeeded when somebody has been told where the archive is: who fetches it there, nobody sees. */
function ofMade(
  { handedOutAtEpochSeconds }: Assembly,
  lengthBytes: number,
  fileCount: number,
): DeliveryStatus {
  return {
    state: handedOutAtEpochSeconds === undefined ? "in_progress" : "succeeded",
    failure: undefined,
    downloadedFileCount: fileCount,
    bytes: { total: lengthBytes, assembled: lengthBytes },
  };
}

function sumOf(groups: readonly GroupProgress[]): Pick<GroupProgress, "doneBytes" | "doneFileCount"> {
  return groups.reduce(
    (sum, group) => ({
      doneBytes: sum.doneBytes + group.doneBytes,
      doneFileCount: sum.doneFileCount + group.doneFileCount,
    }),
    { doneBytes: 0, doneFileCount: 0 },
  );
}
