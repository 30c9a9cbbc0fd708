import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ahead, type Begun, ReadAhead } from "../../lambdas/delivery/read-ahead.ts";
import { gone, lengthOf, type Plan, plans, reservedOf, Source } from "./scheduled-things.ts";

interface World {
  readonly plans: readonly Plan[];
  readonly windowBytes: number;
  readonly scheduler: fc.Scheduler;
  /** Asked each time, as a download does. */
  readonly nextLimit: () => number;
  /** Whether what was taken waits for more before it is written. */
  readonly gathers: () => boolean;
  /** How many things the reader takes before he leaves. */
  readonly patience: number;
}

/** One download in that world, which is watched while things begin. */
function download({ plans, windowBytes, scheduler, nextLimit, gathers, patience }: World) {
  const sources: Source[] = [];
  const out: { thing: number; bytes: number[] }[] = [];
  const state = { limit: 0, result: undefined as "whole" | "left" | { error: unknown } | undefined };
  const expectMemoryWithin = () => {
    const counted = sources.filter(({ isReplaced }) => !isReplaced);
    const heldBytes = counted.reduce((sum, source) => sum + source.heldBytes, 0);
    const isAlone = counted.filter(({ isRemoved }) => !isRemoved).length <= 1;
    expect(heldBytes <= windowBytes || isAlone).toBe(true);
  };
  const begin = (plan: Plan) => () => {
    const open = sources.filter(({ isOpen }) => isOpen);
    // Whose turn it is at once begins at once, also where the connection of the one before is about to be free.
    const isInTurn = sources.every(({ isRemoved }) => isRemoved);
    if (plan.usesConnection) expect(isInTurn || open.length < state.limit).toBe(true);
    const source = new Source(plan, scheduler);
    sources.push(source);
    return source;
  };
  const things = plans.map((plan, thing): Ahead<number> => {
    const { usesConnection } = plan;
    return {
      thing,
      reservedBytes: reservedOf(plan),
      lengthBytes: lengthOf(plan),
      usesConnection,
      begin: begin(plan),
    };
  });
  const ahead = new ReadAhead(things, {
    windowBytes: () => windowBytes,
    connections: () => {
      state.limit = nextLimit();
      return state.limit;
    },
    goesOnAfter: (error) => error === gone,
  });
  /** What was taken and is not written yet: it waits for more, as long as there is more at once. */
  let gathered: { source: Source | undefined; bytes: number }[] = [];
  const write = async () => {
    for (const { source, bytes } of gathered) {
      await scheduler.schedule(Promise.resolve(), "write");
      source?.written(bytes);
      ahead.release(bytes);
    }
    gathered = [];
  };
  /** All bytes of the thing whose turn it is. */
  const handOutOf = async (begun: Begun, source: Source | undefined, bytes: number[]) => {
    for (;;) {
      if (!begun.isReady) await write();
      const chunks = await taken(begun);
      if (chunks === undefined) return;
      bytes.push(...chunks.flatMap((chunk) => [...chunk]));
      gathered.push({ source, bytes: chunks.reduce((sum, { length }) => sum + length, 0) });
      if (!gathers()) await write();
    }
  };
  const handOut = async () => {
    await ahead.untilFirstAnswered();
    for (let first = ahead.first(); first !== undefined; first = ahead.first()) {
      if (out.length === patience) return "left";
      const bytes: number[] = [];
      out.push({ thing: first.thing, bytes });
      const source = sources[first.thing];
      await handOutOf(first.begun, source, bytes);
      ahead.removeFirst();
      source?.remove();
    }
    await write();
    return "whole";
  };
  const run = async () => {
    try {
      state.result = await handOut();
    } catch (error) {
      if (error === gone) await ahead.untilAllAnswered();
      state.result = { error };
    } finally {
      ahead.close();
    }
  };
  return { run, state, out, expectMemoryWithin, sources };
}

test("whatever comes when: all is handed out once and in order, within the window and the connections, to its end or first failure", async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.integer({ min: 1, max: 60 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 6 })),
      fc.infiniteStream(fc.boolean()),
      fc.option(fc.nat(20), { nil: Number.POSITIVE_INFINITY }),
      fc.scheduler(),
      async (plans, windowBytes, limits, gathering, patience, scheduler) => {
        const nextLimit = () => limits.next().value ?? 1;
        const gathers = () => gathering.next().value ?? false;
        const world = { plans, windowBytes, scheduler, nextLimit, gathers, patience };
        const { run, state, out, expectMemoryWithin, sources } = download(world);
        const running = run();
        await scheduler.waitIdle(async (act) => {
          await act();
          expectMemoryWithin();
        });
        // Nothing is left that could come: so it must be over.
        expect(state.result).toBeDefined();
        await running;
        expectOutcome(plans, state.result, out, patience);
        if (state.result === "whole") expect(sources).toHaveLength(plans.length);
      },
    ),
    { numRuns: 300 },
  );
});

function expectOutcome(
  plans: readonly Plan[],
  result: unknown,
  out: readonly { thing: number; bytes: number[] }[],
  patience: number,
) {
  const fails = plans.findIndex(
    ({ failure, chunksBytes }) => failure !== undefined && failure.at < chunksBytes.length,
  );
  const failing = fails === -1 ? undefined : plans[fails];
  if (failing !== undefined && fails < patience) expect(result).toEqual({ error: failing.failure?.error });
  else expect(result).toBe(patience < plans.length ? "left" : "whole");
  expect(out.map(({ thing }) => thing)).toEqual(out.map((_, index) => index));
  for (const { thing, bytes } of out) {
    const plan = plans[thing];
    const until = thing === fails ? plan?.failure?.at : undefined;
    const whole = (plan?.chunksBytes ?? []).slice(0, Math.max(until ?? Number.POSITIVE_INFINITY, 0));
    expect(bytes).toEqual(whole.flatMap((length, at) => Array(length).fill(at)));
  }
}

/** As a download takes: at once what is ready. */
async function taken(begun: Begun): Promise<readonly Uint8Array[] | undefined> {
  return begun.isReady ? begun.takeNow() : await begun.take();
}
