import { z } from "zod";
import { listenOnLoopback } from "../../local/loopback.ts";
import { answerWith, inputOf } from "../child.ts";
import { latenessSchema } from "./lateness.ts";
import { readObjectSet } from "./object-set.ts";
import { createOriginServer } from "./origin-server.ts";

/** Run by stream.ts: the origin of one set in a process of its own, so that its work is nobody's CPU time. */

const { setFile, lateness } = inputOf(z.object({ setFile: z.string(), lateness: latenessSchema }));
const port = await listenOnLoopback(createOriginServer(readObjectSet(setFile), lateness), 0);
process.once("disconnect", () => process.exit());
answerWith({ endpoint: `http://127.0.0.1:${port}` });
