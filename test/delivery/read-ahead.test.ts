import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ahead, type Begun, ReadAhead } from "../../lambdas/delivery/read-ahead.ts";
import {
  allOf,
  failing,
  numbered,
  passing,
  readAhead,
  running,
  thingOf,
  turn,
  turns,
} from "./things-ahead.ts";

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
    takeNow: () => undefined,
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
    const limits = { windowBytes: () => 100, connections: () => 64, goesOnAfter: () => false };
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
      windowBytes: () => 100,
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
      windowBytes: () => 100,
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

  test("may grow with how many were used, failed or not", async () => {
    const { things, state } = failing([undefined, undefined, passing, ...Array(20).fill(undefined)]);
    const asked: number[] = [];
    const ahead = new ReadAhead(things, {
      windowBytes: () => 100,
      connections: (ended) => {
        asked.push(ended);
        return 3 + ended;
      },
      goesOnAfter: () => false,
    });
    ahead.first();
    expect([state.started, new Set(asked)]).toEqual([3, new Set([0])]);
    await turn();
    expect(Math.max(...asked)).toBe(3);
    // In place of each of the three that ended there are two.
    expect(state.started).toBe(3 + 6);
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
