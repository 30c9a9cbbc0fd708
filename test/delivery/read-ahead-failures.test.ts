import { describe, expect, test } from "vitest";
import { ReadAhead } from "../../lambdas/delivery/read-ahead.ts";
import { allOf, failing, final, passing, readAhead, running, thingOf, turn, turns } from "./things-ahead.ts";

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
      windowBytes: () => 60,
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

  test("give no room twice when the bytes of one before them were written late", async () => {
    const begun: number[] = [];
    const gates = Array.from({ length: 12 }, () => Promise.withResolvers<void>());
    const things = gates.map(({ promise }, thing) =>
      thingOf(thing, 20, () => {
        begun.push(thing);
        return promise;
      }),
    );
    const ahead = new ReadAhead(things, {
      windowBytes: () => 60,
      connections: () => 64,
      goesOnAfter: (error) => error === final,
    });
    ahead.first();
    ahead.removeFirst();
    // All of the first, and half of what the second is to give: room for one.
    ahead.release(20);
    ahead.release(10);
    expect(begun).toEqual([0, 1, 2, 3]);
    // Half of the second is left in the window, and leaves it: room for one more.
    gates[1]?.reject(final);
    await turn();
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    ahead.release(10);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  test("that come behind the end begin nothing", async () => {
    const { things, state } = failing(Array(20).fill(final));
    const ahead = new ReadAhead(things, {
      windowBytes: () => 4,
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

  test("is not delayed: nothing else begins before it is there, but in place of what is gone", async () => {
    const gates = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
    let begun = 0;
    const things = gates.map(({ promise }, thing) =>
      thingOf(thing, 1, () => {
        begun += 1;
        return promise;
      }),
    );
    const results = readAhead(things, { windowBytes: 100, connections: 8 });
    const first = results.next();
    for (let answered = 0; answered < 3; answered += 1) gates[answered]?.resolve();
    await turns(3);
    expect(begun).toBe(8);
    gates[3]?.reject(final);
    await turns(3);
    const begunThen = begun;
    expect(begunThen).toBeGreaterThan(8);
    for (let answered = 4; answered < begunThen; answered += 1) gates[answered]?.resolve();
    expect(await first).toEqual({ done: false, value: 0 });
    expect(begun).toBe(begunThen);
    await results.next();
    expect(begun).toBeGreaterThan(begunThen);
  });

  test("that is not there when its turn comes has others begin meanwhile", async () => {
    const gates = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
    let begun = 0;
    const things = gates.map(({ promise }, thing) => ({
      ...thingOf(thing, 1, () => promise),
      begin: () => {
        begun += 1;
        return { ...running(() => promise, 1), answered: Promise.resolve(), isReady: false };
      },
    }));
    const first = readAhead(things, { windowBytes: 100, connections: 8 }).next();
    gates[7]?.resolve();
    await turns(10);
    expect(begun).toBe(9);
    gates[0]?.resolve();
    expect(await first).toEqual({ done: false, value: 0 });
  });
});
