/** Signals closer to each other than this are the same Ctrl-C: the terminal sends it to npm too, and npm hands it on. */
const oneKeyPressMs = 300;

/** Aborted by the first Ctrl-C, which lets what is under way be finished; a later one does not wait for that. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let stoppingSince = Number.POSITIVE_INFINITY;
  const stop = () => {
    if (performance.now() - stoppingSince > oneKeyPressMs) process.exit(interruptedExitCode);
    stoppingSince = Math.min(stoppingSince, performance.now());
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return controller.signal;
}

/** As shells tell of a program that Ctrl-C ended: 128 and the signal's number. */
export const interruptedExitCode = 130;
