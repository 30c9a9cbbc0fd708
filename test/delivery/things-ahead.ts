import { type Ahead, type Begun, ReadAhead } from "../../lambdas/delivery/read-ahead.ts";

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
export async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

/** Something that answers and gives so many bytes when `run` is over. */
export function running(run: () => Promise<void>, lengthBytes: number): Begun {
  const over = run();
  const state = { isReady: false, isTaken: false };
  const ready = () => {
    state.isReady = true;
  };
  over.then(ready, ready);
  const takeNow = () => {
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
    take: async () => {
      await over;
      return takeNow();
    },
    takeNow,
  };
}

export function thingOf(thing: number, reservedBytes: number, run: () => Promise<void>): Ahead<number> {
  return {
    thing,
    reservedBytes,
    lengthBytes: reservedBytes,
    usesConnection: true,
    begin: () => running(run, reservedBytes),
  };
}

/** Things that are done after as many turns as `turnsOf` says. */
export function numbered(count: number, reservedBytes: number, turnsOf: (index: number) => number) {
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

export const passing = new Error("it may pass");
export const final = new Error("it is gone");

/** Things that fail as `failures` says, each after a turn. */
export function failing(failures: readonly (Error | undefined)[]) {
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
export async function* readAhead(
  things: Iterable<Ahead<number>>,
  { windowBytes, connections }: { windowBytes: number; connections: number },
): AsyncGenerator<number, void, undefined> {
  const ahead = new ReadAhead(things, {
    windowBytes: () => windowBytes,
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

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
