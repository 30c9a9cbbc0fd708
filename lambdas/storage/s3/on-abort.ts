/** Those who wait for each signal. */
const waiting = new WeakMap<AbortSignal, Listeners>();

interface Listeners {
  readonly calls: Set<() => void>;
  readonly abort: () => void;
}

/**
 * Calls `call` when the signal is aborted, unless it is taken back before. All who wait for one signal share one listener of
 * it: a listener each costs as much as signing a request, a place in a set next to nothing.
 */
export function onAbort(signal: AbortSignal, call: () => void): void {
  const { calls, abort } = waiting.get(signal) ?? noListeners();
  calls.add(call);
  if (calls.size > 1) return;
  waiting.set(signal, { calls, abort });
  signal.addEventListener("abort", abort);
}

/** Takes back what `onAbort` was given. The signal is left as it was when nobody waits for it any more. */
export function offAbort(signal: AbortSignal, call: () => void): void {
  const listeners = waiting.get(signal);
  if (listeners?.calls.delete(call) === true && listeners.calls.size === 0)
    signal.removeEventListener("abort", listeners.abort);
}

function noListeners(): Listeners {
  const calls = new Set<() => void>();
  const abort = () => {
    for (const call of calls) call();
  };
  return { calls, abort };
}
