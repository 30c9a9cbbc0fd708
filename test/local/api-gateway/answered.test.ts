import { expect, test, vi } from "vitest";
import { startBuffered } from "./test-host.ts";

/** A host whose one function answers when it is told to. */
async function startHeld() {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const called = vi.fn();
  const host = await startBuffered(async () => {
    called();
    await held;
    return { statusCode: 200, body: "done" };
  });
  return { host, called, release };
}

test("whoever waits for the requests under way waits until they are answered", async () => {
  const { host, called, release } = await startHeld();
  await host.answered(60_000);
  const answer = fetch(`${host.url}/a`);
  await vi.waitFor(() => expect(called).toHaveBeenCalled());
  let hasWaited = false;
  const waited = host.answered(60_000).then(() => {
    hasWaited = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasWaited).toBe(false);
  release();
  expect(await (await answer).text()).toBe("done");
  await waited;
});

test("but no longer than it is ready to", async () => {
  const { host, called, release } = await startHeld();
  const answer = fetch(`${host.url}/a`);
  await vi.waitFor(() => expect(called).toHaveBeenCalled());
  await host.answered(1);
  release();
  await answer;
});
