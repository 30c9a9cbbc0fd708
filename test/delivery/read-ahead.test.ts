import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ahead, type Begun, ReadAhead } from "../../lambdas/delivery/read-ahead.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

/** Something that answers and gives so many bytes when `run` is over. */
function running(run: () => Promise<void>, lengthBytes: number): Begun {
  const over = run();
  const state = { isReady: false, isTaken: false };
  const ready = () => {
    state.isReady = true;
  };
  over.then(ready, ready);
  const take = async () => {
    await over;
    if (state.isTaken) return undefined;
    state.isTaken = true;
    return [new Uint8Array(lengthBytes)];
  };
  return {
    answered: over,
    ended: over,
    get isReady() {
      return state.isReady;
    },
    take,
  };
}

function thingOf(thing: number, reservedBytes: number, run: () => Promise<void>): Ahead<number> {
  return {
    thing,
    reservedBytes,
    lengthBytes: reservedBytes,
    usesConnection: true,
    begin: () => running(run, reservedBytes),
  };
}

/** Things that are done after as many turns as `turnsOf` says. */
function numbered(count: number, reservedBytes: number, turnsOf: (index: number) => number) {
  const state = { started: 0, open: 0, mostOpen: 0 };
  const run = (index: number) => async () => {
    state.started += 1;
    state.open += 1;
    state.mostOpen = Math.max(state.mostOpen, state.open);
    await turns(turnsOf(index));
    state.open -= 1;
  };
  function* things() {
    for (let index = 0; index < count; index += 1) yield thingOf(index, reservedBytes, run(index));
  }
  return { things: things(), state };
}

const passing = new Error("it may pass");
const final = new Error("it is gone");

/** Things that fail as `failures` says, each after a turn. */
function failing(failures: readonly (Error | undefined)[]) {
  const state = { started: 0, done: 0 };
  const things = failures.map((failure, index) =>
    thingOf(index, 1, async () => {
      state.started += 1;
      await turn();
      state.done += 1;
      if (failure !== undefined) throw failure;
    }),
  );
  return { things, state };
}

/** Reads ahead of these as a download does, and hands them out one by one; each is written when the next is asked for. */
async function* readAhead(
  things: Iterable<Ahead<number>>,
  { windowBytes, connections }: { windowBytes: number; connections: number },
): AsyncGenerator<number, void, undefined> {
  const ahead = new ReadAhead(things, {
    windowBytes,
    connections: () => connections,
    goesOnAfter: (error) => error === final,
  });
  try {
    await ahead.untilFirstAnswered();
    for (let first = ahead.first(); first !== undefined; first = ahead.first()) {
      for (let chunks = await first.begun.take(); chunks !== undefined; chunks = await first.begun.take()) {
        yield first.thing;
        for (const { length } of chunks) ahead.release(length);
      }
      ahead.removeFirst();
    }
  } catch (error) {
    if (error === final) await ahead.untilAllAnswered();
    throw error;
  } finally {
    ahead.close();
  }
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("results come in the order of the things, whatever order they are done in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (done, connections) => {
        const { things, state } = numbered(done.length, 1, (index) => done[index] ?? 0);
        const results = await allOf(readAhead(things, { windowBytes: 7, connections }));
        expect(results).toEqual(done.map((_, index) => index));
        expect(state.mostOpen).toBeLessThanOrEqual(connections);
      },
    ),
  );
});

describe("the window", () => {
  test("has room for all that is under way or waiting, and for no more", async () => {
    const { things, state } = numbered(100, 10, () => 0);
    let taken = 0;
    for await (const _ of readAhead(things, { windowBytes: 50, connections: 64 })) {
      await turns(10);
      expect(state.started - taken).toBe(Math.min(5, 100 - taken));
      taken += 1;
    }
    expect(taken).toBe(100);
  });

  test("lets a thing larger than it is through alone", async () => {
    const { things, state } = numbered(5, 1000, () => 1);
    expect(await allOf(readAhead(things, { windowBytes: 10, connections: 64 }))).toHaveLength(5);
    expect(state.mostOpen).toBe(1);
  });

  const never: Begun = {
    answered: Promise.resolve(),
    ended: new Promise(() => undefined),
    isReady: false,
    take: () => new Promise(() => undefined),
  };

  /** Things of these lengths that take 20 bytes of memory each, and how many of them have begun. */
  function longThings(lengthsBytes: readonly number[]) {
    const state = { begun: 0 };
    const things = lengthsBytes.map((lengthBytes, thing) => ({
      thing,
      reservedBytes: 20,
      lengthBytes,
      usesConnection: true,
      begin: () => {
        state.begun += 1;
        return never;
      },
    }));
    const limits = { windowBytes: 100, connections: () => 64, goesOnAfter: () => false };
    return { ahead: new ReadAhead(things, limits), state };
  }

  test("lets nothing be opened long before it is read: a long body counts with what is left of it", () => {
    const { ahead, state } = longThings([1000, 20, 20]);
    ahead.first();
    for (let written = 0; written < 1000; written += 10) {
      const leftBytes = 1000 - written;
      expect(state.begun).toBe(leftBytes > 80 ? 1 : leftBytes > 60 ? 2 : 3);
      ahead.release(10);
    }
  });

  test("has room for the next long body while the one before has its last bytes to go", () => {
    const { ahead, state } = longThings([20, 20, 1000, 1000]);
    ahead.first();
    expect(state.begun).toBe(3);
    for (let written = 0; written < 2; written += 1) {
      ahead.release(20);
      ahead.removeFirst();
    }
    ahead.release(919);
    expect(state.begun).toBe(3);
    ahead.release(1);
    expect(state.begun).toBe(4);
  });

  test("gets back what has been written, and nothing sooner: what was only taken is still in it", () => {
    const { ahead, state } = longThings([40, 40, 20, 100, 20]);
    ahead.first();
    expect(state.begun).toBe(3);
    // The first has given all its bytes, and 10 of them are written.
    ahead.release(10);
    ahead.removeFirst();
    ahead.first();
    expect(state.begun).toBe(3);
    // With the rest go some of the second's. 70 bytes are ahead; the fourth takes 20 of memory, and counts with 100.
    ahead.release(40);
    expect(state.begun).toBe(4);
    ahead.removeFirst();
    ahead.release(30 + 20);
    ahead.removeFirst();
    expect(state.begun).toBe(4);
    ahead.release(20);
    expect(state.begun).toBe(5);
  });

  test("of a thing that asks for more memory than it gives bytes is free of it when it is removed", () => {
    const begun: number[] = [];
    const things = [0, 1, 2].map((thing) => ({
      thing,
      reservedBytes: 60,
      lengthBytes: 1,
      usesConnection: false,
      begin: () => {
        begun.push(thing);
        return never;
      },
    }));
    const ahead = new ReadAhead(things, {
      windowBytes: 100,
      connections: () => 64,
      goesOnAfter: () => false,
    });
    ahead.first();
    ahead.release(1);
    expect(begun).toEqual([0]);
    ahead.removeFirst();
    ahead.first();
    expect(begun).toEqual([0, 1]);
  });
});

describe("connections", () => {
  test("may become more or fewer on the way: those that are open stay open, and no other opens before there are fewer", async () => {
    const gates = Array.from({ length: 12 }, () => Promise.withResolvers<void>());
    const state = { begun: 0 };
    const things = gates.map(({ promise }, thing) =>
      thingOf(thing, 1, () => {
        state.begun += 1;
        return promise;
      }),
    );
    let connections = 4;
    const ahead = new ReadAhead(things, {
      windowBytes: 100,
      connections: () => connections,
      goesOnAfter: () => false,
    });
    ahead.first();
    expect(state.begun).toBe(4);
    connections = 2;
    for (const [ended, begun] of [
      [3, 4],
      [2, 4],
      [1, 5],
    ] as const) {
      gates[ended]?.resolve();
      await turn();
      expect(state.begun).toBe(begun);
    }
    connections = 7;
    gates[4]?.resolve();
    await turn();
    // One is open still, and six more.
    expect(state.begun).toBe(11);
  });

  test("are not needed for what uses none: that begins while all are in use", async () => {
    const { things } = numbered(2, 1, () => 5);
    let begun = 0;
    const made: Ahead<number> = {
      thing: 2,
      reservedBytes: 1,
      lengthBytes: 1,
      usesConnection: false,
      begin: () => {
        begun += 1;
        return running(async () => undefined, 1);
      },
    };
    const results = readAhead([...things, made], { windowBytes: 100, connections: 2 });
    const all = allOf(results);
    expect(begun).toBe(1);
    expect(await all).toEqual([0, 1, 2]);
  });
});

describe("failures", () => {
  test("come in their turn, and nothing is started after them", async () => {
    let started = 0;
    const things = Array.from({ length: 100 }, (_, index) =>
      thingOf(index, 1, async () => {
        started += 1;
        if (index === 2) throw new Error("the third fails");
      }),
    );
    const results: number[] = [];
    const reading = (async () => {
      for await (const result of readAhead(things, { windowBytes: 4, connections: 2 })) results.push(result);
    })();
    await expect(reading).rejects.toThrow("the third fails");
    const startedByThen = started;
    await turn();
    expect(results).toEqual([0, 1]);
    expect(started).toBe(startedByThen);
    expect(started).toBeLessThanOrEqual(6);
  });

  test("in place of what is gone others are begun, until a window of those that are there is done", async () => {
    const { things, state } = failing([undefined, ...Array(20).fill(final), ...Array(20).fill(undefined)]);
    const results = readAhead(things, { windowBytes: 4, connections: 2 });
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect(state.done).toBeGreaterThanOrEqual(22);
    expect(state.started).toBeLessThanOrEqual(25);
    await expect(results.next()).rejects.toBe(final);
  });

  test("behind any other failure no more is begun than without it", async () => {
    const begun = async (failures: readonly (Error | undefined)[]) => {
      const { things, state } = failing([undefined, ...failures]);
      const results = readAhead(things, { windowBytes: 4, connections: 2 });
      await results.next();
      await turns(10);
      expect(state.started).toBeLessThanOrEqual(4);
      return { state, results };
    };
    const without = await begun(Array(20).fill(undefined));
    const { state, results } = await begun(Array(20).fill(passing));
    expect(state.started).toBe(without.state.started);
    await expect(results.next()).rejects.toBe(passing);
    expect(state.started).toBeLessThanOrEqual(5);
  });

  test("who is told that something is gone can know of all that was under way", async () => {
    const { things, state } = failing([...Array(10).fill(undefined), final, undefined, final, final]);
    await expect(allOf(readAhead(things, { windowBytes: 100, connections: 2 }))).rejects.toBe(final);
    expect(state.done).toBe(14);
  });

  test("give their room to others once, also where bytes that came before them are still to be written", async () => {
    const begun: number[] = [];
    const things = Array.from({ length: 10 }, (_, thing) =>
      thingOf(thing, 20, async () => {
        begun.push(thing);
        if (thing === 0) throw final;
      }),
    );
    const ahead = new ReadAhead(things, {
      windowBytes: 60,
      connections: () => 64,
      goesOnAfter: (error) => error === final,
    });
    ahead.first();
    expect(begun).toEqual([0, 1, 2]);
    await turn();
    expect(begun).toEqual([0, 1, 2, 3]);
    ahead.release(20);
    ahead.removeFirst();
    ahead.first();
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  test("that come behind the end begin nothing", async () => {
    const { things, state } = failing(Array(20).fill(final));
    const ahead = new ReadAhead(things, {
      windowBytes: 4,
      connections: () => 2,
      goesOnAfter: (error) => error === final,
    });
    ahead.first();
    ahead.close();
    await turns(10);
    ahead.release(1);
    expect(state.started).toBe(2);
  });

  test("of what nobody asks for any more are nobody's", async () => {
    const { things } = failing([undefined, ...Array(20).fill(passing), ...Array(20).fill(final)]);
    const results = readAhead(things, { windowBytes: 100, connections: 64 });
    await results.next();
    await results.return();
    await turns(10);
  });
});

describe("the first result", () => {
  test("waits for all that was begun with it, and not for what uses no connection", async () => {
    const never = new Promise<void>(() => undefined);
    const { things, state } = failing(Array(5).fill(undefined));
    const waiting = { ...thingOf(5, 1, () => never), usesConnection: false };
    const results = readAhead([...things, waiting], { windowBytes: 100, connections: 3 });
    expect(await results.next()).toEqual({ done: false, value: 0 });
    expect(state.done).toBeGreaterThanOrEqual(3);
  });

  test("waits for nothing where nothing uses a connection, nor where there is nothing", async () => {
    const never = new Promise<void>(() => undefined);
    const made = { ...thingOf(0, 1, async () => undefined), usesConnection: false };
    const waiting = { ...thingOf(1, 1, () => never), usesConnection: false };
    const limits = { windowBytes: 100, connections: 3 };
    expect(await readAhead([made, waiting], limits).next()).toEqual({ done: false, value: 0 });
    expect(await readAhead([], limits).next()).toEqual({ done: true, value: undefined });
  });

  test("comes when all are gone, as their failure", async () => {
    const { things, state } = failing(Array(50).fill(final));
    await expect(readAhead(things, { windowBytes: 4, connections: 2 }).next()).rejects.toBe(final);
    expect(state.done).toBe(50);
  });
});
