import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ahead, type Begun, ReadAhead } from "../../lambdas/delivery/read-ahead.ts";

/** Most bytes that one thing holds. */
const bufferBytes = 8;
const passing = new Error("it may pass");
const gone = new Error("it is gone");

interface Plan {
  readonly chunksBytes: readonly number[];
  readonly usesConnection: boolean;
  /** In place of which chunk it fails, if it does; -1: instead of an answer. */
  readonly failure: { readonly at: number; readonly error: Error } | undefined;
}

const connecting = fc.record({
  chunksBytes: fc.array(fc.integer({ min: 1, max: bufferBytes }), { minLength: 1, maxLength: 6 }),
  usesConnection: fc.constant(true),
  failure: fc.option(
    fc.record({ at: fc.integer({ min: -1, max: 5 }), error: fc.constantFrom(passing, gone) }),
    {
      nil: undefined,
      freq: 12,
    },
  ),
});
/** Made in memory, at once or later; it may be more than the window. */
const made = fc.record({
  chunksBytes: fc.tuple(fc.integer({ min: 1, max: 40 })),
  usesConnection: fc.constant(false),
  failure: fc.constant(undefined),
});
const plans = fc.array(fc.oneof({ weight: 3, arbitrary: connecting }, { weight: 1, arbitrary: made }), {
  maxLength: 25,
});

const lengthOf = ({ chunksBytes }: Plan) => chunksBytes.reduce((sum, bytes) => sum + bytes, 0);
const reservedOf = (plan: Plan) =>
  plan.usesConnection ? Math.min(lengthOf(plan), bufferBytes) : lengthOf(plan);

/** A thing whose answer and chunks come when the scheduler says so, as long as it has room to hold them. */
class Source implements Begun {
  readonly answered: Promise<void>;
  readonly ended: Promise<void>;
  heldBytes = 0;
  isOpen: boolean;
  isRemoved = false;
  /** What it failed with lets others take its place. */
  isReplaced = false;
  readonly #plan: Plan;
  readonly #scheduler: fc.Scheduler;
  #waiting: Uint8Array[] = [];
  #isOver = false;
  #failure: Error | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(plan: Plan, scheduler: fc.Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.isOpen = plan.usesConnection;
    const answered = this.#event("answers", -1);
    this.answered = answered;
    this.ended = this.#run(answered);
    this.answered.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 || this.#isOver;
  }

  async take(): Promise<readonly Uint8Array[] | undefined> {
    while (!this.isReady) await this.#changed.promise;
    if (this.#waiting.length === 0 && this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length === 0) return undefined;
    const chunks = this.#waiting;
    this.#waiting = [];
    return chunks;
  }

  /** So many of the bytes taken are done with. */
  written(bytes: number): void {
    this.heldBytes -= bytes;
    this.#change();
  }

  remove(): void {
    this.isRemoved = true;
  }

  async #run(answered: Promise<void>): Promise<void> {
    try {
      await answered;
      for (const [at, bytes] of this.#plan.chunksBytes.entries()) {
        await this.#event("chunk", at);
        while (this.heldBytes + bytes > bufferBytes && this.#plan.usesConnection) await this.#changed.promise;
        this.heldBytes += bytes;
        this.#waiting.push(new Uint8Array(bytes).fill(at));
        this.#change();
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.isReplaced = error === gone;
      throw error;
    } finally {
      this.isOpen = false;
      this.#isOver = true;
      this.#change();
    }
  }

  async #event(label: string, at: number): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    const { failure } = this.#plan;
    if (failure?.at === at) throw failure.error;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

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
    const open = sources.filter(({ isOpen }) => isOpen).length;
    if (plan.usesConnection) expect(open === 0 || open < state.limit).toBe(true);
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
    windowBytes,
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
      const chunks = await begun.take();
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
