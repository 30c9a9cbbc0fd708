import type { Reader } from "./reader.ts";

/** An answer whose body is made while it is sent; it has at least one chunk. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The body of an answer without one: Lambda's response streaming has been seen to hang when no byte is written. HTTP
 * drops it where no body is allowed (HEAD, 304).
 */
export const noBody = (): AsyncIterable<Uint8Array> => textBody("\n");

/** A text as a body. */
export async function* textBody(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, "utf8");
}

/**
 * Sends an answer to its reader: status and headers as the prelude, then every chunk, the next one only when the last is
 * written, so that a slow reader holds back what is read for him.
 *
 * The prelude waits for the first chunk: what fails before any byte has left is answered by `answerFailure`. A
 * failure after that is thrown with the stream left open; the runtime then marks the response as failed and the
 * connection breaks. Ending the stream would make a torso look complete, and destroying it (`pipeline` does)
 * kills the runtime's process.
 */
export async function sendStreamed(
  reader: Reader,
  answer: StreamedAnswer,
  answerFailure: (error: unknown) => StreamedAnswer,
): Promise<void> {
  let hasBegun = false;
  const send = async ({ status, headers, chunks }: StreamedAnswer) => {
    for await (const chunk of chunks) {
      if (!hasBegun) reader.begin(status, headers);
      hasBegun = true;
      await reader.take(chunk);
    }
    if (hasBegun) reader.end();
  };
  try {
    await send(answer);
  } catch (error) {
    if (hasBegun) throw error;
    await send(answerFailure(error));
  }
}
