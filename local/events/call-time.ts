/** How long one call of a function may take. */
export interface CallTime {
  readonly timeoutMs: number;
  /** Aborting it leaves the call some seconds. */
  readonly stop: AbortSignal;
}

/**
 * Calls a function that can ask how much time is left, in milliseconds. One that takes longer is left alone, as Lambda
 * ends it: whatever comes of it is lost.
 *
 * Nobody can tell a Lambda function to stop, but any may look at its time. So when the host stops, its time runs out: a
 * function that looks hands on what it has not done.
 * Throws: what the function does; Error when its time is over.
 */
export async function callWithin<Answer>(
  { timeoutMs, stop }: CallTime,
  call: (remainingMs: () => number) => Promise<Answer>,
): Promise<Answer> {
  let deadline = Date.now() + timeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const over = Promise.withResolvers<never>();
  const remainingMs = () => Math.max(0, deadline - Date.now());
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => over.reject(new Error("Its time is over")), remainingMs());
  };
  const hurry = () => {
    deadline = Math.min(deadline, Date.now() + lastMs);
    wait();
  };
  stop.addEventListener("abort", hurry, { once: true });
  wait();
  try {
    return await Promise.race([call(remainingMs), over.promise]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", hurry);
  }
}

/** What is left of a call when its host stops. */
const lastMs = 5_000;
