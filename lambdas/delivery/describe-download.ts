import type { AssemblyStore } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";
import type { DeliveryRequest, Described } from "./delivery.ts";
import { findArchive, judgeArchive } from "./find-archive.ts";
import { evaluateDownload, streamedArchive } from "./open-download.ts";

/**
 * Answers HEAD, from what is stored alone: it neither begins a download nor waits. Of an archive that is being made
 * there are no validators yet, so that no condition is judged.
 * Throws: BallError("assembly-failed").
 */
export async function describeDownload(
  assemblies: Pick<AssemblyStore, "find">,
  ball: Ball,
  request: DeliveryRequest,
): Promise<Described> {
  const fileName = request.fileName ?? ball.fileName;
  if (ball.delivery === "stream") {
    const { evaluation } = evaluateDownload(ball, request);
    return { kind: "headers", fileName, archive: streamedArchive(ball), evaluation };
  }
  const found = await findArchive(assemblies, ball);
  if (found !== undefined) return { kind: "headers", ...judgeArchive(found.archive, request, fileName) };
  const lengthBytes = ball.compression === "stored" ? ball.lengthBytes : undefined;
  return { kind: "outlook", fileName, lengthBytes };
}
