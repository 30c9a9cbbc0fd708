import type { Ball } from "../ball/ball.ts";
import { BallError } from "../ball/errors.ts";
import type { Manifest } from "../ball/manifest.ts";
import type { SourceReader } from "../ball/source.ts";
import { watchGone } from "../delivery/gone-sources.ts";
import type { Layout } from "../layout/layout.ts";
import { planLayout } from "../layout/plan-layout.ts";
import { s3PartLimits } from "../parts/part-limits.ts";
import type { PartLimits, PartPlan } from "../parts/part-plan.ts";
import { planParts } from "../parts/plan-parts.ts";
import type { AssemblyContext } from "./assembly-context.ts";
import { AssemblyCrc32s } from "./assembly-crc32s.ts";
import { digestOfPlan } from "./digest-of-plan.ts";
import { Findings } from "./findings.ts";

/** All that a worker has to know to make parts of an archive. The plan is the same for every worker. */
export interface OpenAssembly {
  readonly ball: Ball;
  readonly manifest: Manifest;
  readonly layout: Layout;
  readonly plan: PartPlan;
  /** Those that it keeps. */
  readonly limits: PartLimits;
  /** Tells this plan from any other: a later release may plan other parts. */
  readonly partsDigest: string;
  readonly crc32s: AssemblyCrc32s;
  /** Notes what is gone among the findings. */
  readonly reader: SourceReader;
  readonly findings: Findings;
}

/** Throws: BallError("ball-corrupt"). */
export async function openAssembly(context: AssemblyContext, ball: Ball): Promise<OpenAssembly> {
  const { store, planOptions } = context;
  const [manifest, crc32s] = await Promise.all([store.getManifest(ball), store.getCrc32s(ball)]);
  const layout = planLayout(manifest);
  if (layout.lengthBytes !== ball.lengthBytes) {
    throw new BallError(
      "ball-corrupt",
      `The layout has ${layout.lengthBytes} bytes where ${ball.lengthBytes} were promised when the ball was made`,
    );
  }
  const findings = new Findings();
  const plan = planParts(layout, planOptions);
  return {
    ball,
    manifest,
    layout,
    plan,
    limits: planOptions?.limits ?? s3PartLimits,
    partsDigest: digestOfPlan(plan),
    crc32s: new AssemblyCrc32s(store, ball, crc32s),
    reader: watchGone(context.reader, findings.gone).reader,
    findings,
  };
}
