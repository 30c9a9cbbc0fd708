import { z } from "zod";
import { startLocalS3 } from "../../local/s3/server.ts";
import { answerWith, inputOf } from "../child.ts";

/** Run by stream.ts: the local S3 in a process of its own, so that its work is nobody's CPU time. */

const input = inputOf(
  z.object({ dataDir: z.string(), region: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() }),
);
const { dataDir, region, accessKeyId, secretAccessKey } = input;
const { endpoint } = await startLocalS3({
  dataDir,
  port: 0,
  region,
  credentials: [{ accessKeyId, secretAccessKey }],
});
process.once("disconnect", () => process.exit());
answerWith({ endpoint });
