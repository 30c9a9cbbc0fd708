import type { Assembly, AssemblyWork, GroupProgress } from "../ball/assembly.ts";
import type { Ball } from "../ball/ball.ts";

/** What is still to be done of an assembly: the groups that are not done, or the closing parts when all are. */
export function remainingWork(
  { ballId, etag }: Ball,
  { attempt, groupCount }: Assembly,
  groups: readonly GroupProgress[],
): AssemblyWork[] {
  const done = new Set(groups.flatMap(({ group, isDone }) => (isDone ? [group] : [])));
  const work = { ballId, planEtag: etag, attempt, generation: 0 };
  const missing = Array.from({ length: groupCount }, (_, group) => group).filter((group) => !done.has(group));
  if (missing.length === 0) return [{ ...work, task: "close", group: 0 }];
  return missing.map((group) => ({ ...work, task: "group", group }));
}
