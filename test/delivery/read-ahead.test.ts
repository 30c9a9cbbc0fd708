import fc from "fast-check";
import { expect, test } from "vitest";
import { coalesce } from "../../lambdas/delivery/coalesce.ts";
import { type Ahead, readAhead } from "../../lambdas/delivery/read-ahead.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Things that answer their number, after as many turns as `turnsOf` says. */
function numbered(count: number, reservedBytes: number, turnsOf: (index: number) => number) {
  const state = { started: 0, open: 0, mostOpen: 0 };
  function* things(): Generator<Ahead<number>> {
    for (let index = 0; index < count; index += 1)
      yield { reservedBytes, usesConnection: true, run: run(index) };
  }
  const run = (index: number) => async () => {
    state.started += 1;
    state.open += 1;
    state.mostOpen = Math.max(state.mostOpen, state.open);
    for (let left = turnsOf(index); left > 0; left -= 1) await turn();
    state.open -= 1;
    return index;
  };
  return { things: things(), state };
}

test("results come in the order of the things, whatever order they are done in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (turns, connections) => {
        const { things, state } = numbered(turns.length, 1, (index) => turns[index] ?? 0);
        const results = await allOf(
          readAhead(things, { windowBytes: 7, connections, goesOnAfter: () => false }),
        );
        expect(results).toEqual(turns.map((_, index) => index));
        expect(state.mostOpen).toBeLessThanOrEqual(connections);
      },
    ),
  );
});

test("no more is under way or waiting than the window has room for", async () => {
  const { things, state } = numbered(100, 10, () => 0);
  let taken = 0;
  for await (const _ of readAhead(things, { windowBytes: 50, connections: 64, goesOnAfter: () => false })) {
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(state.started - taken).toBeLessThanOrEqual(5);
    taken += 1;
  }
  expect(taken).toBe(100);
});

test("a thing larger than the window comes through alone", async () => {
  const { things, state } = numbered(5, 1000, () => 1);
  expect(
    await allOf(readAhead(things, { windowBytes: 10, connections: 64, goesOnAfter: () => false })),
  ).toHaveLength(5);
  expect(state.mostOpen).toBe(1);
});

test("a failure comes in its turn, and nothing is started after it", async () => {
  let started = 0;
  const failing = (index: number): Ahead<number> => ({
    reservedBytes: 1,
    usesConnection: true,
    run: async () => {
      started += 1;
      if (index === 2) throw new Error("the third fails");
      return index;
    },
  });
  const results: number[] = [];
  const things = Array.from({ length: 100 }, (_, index) => failing(index));
  const reading = (async () => {
    for await (const result of readAhead(things, {
      windowBytes: 4,
      connections: 2,
      goesOnAfter: () => false,
    }))
      results.push(result);
  })();
  await expect(reading).rejects.toThrow("the third fails");
  const startedByThen = started;
  await turn();
  expect(results).toEqual([0, 1]);
  expect(started).toBe(startedByThen);
  expect(started).toBeLessThanOrEqual(6);
});

const kibibyte = 1024;

test("small chunks are gathered, large ones pass, and the bytes stay the same", async () => {
  const length = fc.oneof(
    fc.nat(100),
    fc.integer({ min: 60 * kibibyte, max: 70 * kibibyte }),
    fc.constant(0),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(length, { maxLength: 20 }), async (lengths) => {
      const chunks = lengths.map((size, index) => Buffer.alloc(size, index + 1));
      const out = await allOf(coalesce(streamOf(chunks)));
      expect(Buffer.concat(out).equals(Buffer.concat(chunks))).toBe(true);
      // Of two neighbours at least one is large: otherwise they would have been one.
      for (const [index, chunk] of out.entries()) {
        const next = out[index + 1];
        if (next !== undefined)
          expect(Math.max(chunk.length, next.length)).toBeGreaterThanOrEqual(64 * kibibyte);
      }
    }),
    { numRuns: 50 },
  );
});

test("a failure behind small chunks is not hidden by them", async () => {
  async function* breaking() {
    yield Buffer.from("small");
    throw new Error("broken");
  }
  await expect(allOf(coalesce(breaking()))).rejects.toThrow("broken");
});

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const passing = new Error("it may pass");
const final = new Error("it is gone");

/** Things that fail as `failures` says, each after a turn. */
function failing(failures: readonly (Error | undefined)[]) {
  const state = { started: 0, done: 0 };
  const things = failures.map(
    (failure, index): Ahead<number> => ({
      reservedBytes: 1,
      usesConnection: true,
      run: async () => {
        state.started += 1;
        await turn();
        state.done += 1;
        if (failure !== undefined) throw failure;
        return index;
      },
    }),
  );
  return { things, state };
}

const goesOnAfter = (error: unknown) => error === final;

test("the first result waits for all that was begun with it, and not for what uses no connection", async () => {
  const never = new Promise<number>(() => undefined);
  const { things, state } = failing(Array(5).fill(undefined));
  const waiting: Ahead<number> = { reservedBytes: 1, usesConnection: false, run: () => never };
  const results = readAhead([...things, waiting], { windowBytes: 100, connections: 3, goesOnAfter });
  expect(await results.next()).toEqual({ done: false, value: 0 });
  expect(state.done).toBeGreaterThanOrEqual(3);
});

test("in place of what is gone others are begun, until a window of those that are there is done", async () => {
  const { things, state } = failing([undefined, ...Array(20).fill(final), ...Array(20).fill(undefined)]);
  const results = readAhead(things, { windowBytes: 4, connections: 2, goesOnAfter });
  expect(await results.next()).toEqual({ done: false, value: 0 });
  expect(state.done).toBeGreaterThanOrEqual(22);
  expect(state.started).toBeLessThanOrEqual(25);
  await expect(results.next()).rejects.toBe(final);
});

test("behind any other failure no more is begun than without it", async () => {
  const { things, state } = failing([undefined, ...Array(20).fill(passing)]);
  const results = readAhead(things, { windowBytes: 4, connections: 2, goesOnAfter });
  await results.next();
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(state.started).toBe(4);
  await expect(results.next()).rejects.toBe(passing);
});

test("who is told that something is gone can know of all that was under way", async () => {
  const { things, state } = failing([...Array(10).fill(undefined), final, undefined, final, final]);
  await expect(allOf(readAhead(things, { windowBytes: 100, connections: 2, goesOnAfter }))).rejects.toBe(
    final,
  );
  expect(state.done).toBe(14);
});
