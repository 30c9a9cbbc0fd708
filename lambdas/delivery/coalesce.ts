/** Chunks of at least this many bytes go out as they are. */
const enoughBytes = 64 * 1024;

/**
 * The same bytes in fewer chunks: small ones are gathered until there is enough for a write to be worth its cost.
 * An archive of small objects is otherwise two writes an object.
 */
export async function* coalesce(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let small: Uint8Array[] = [];
  let smallBytes = 0;
  for await (const chunk of chunks) {
    if (chunk.length < enoughBytes) {
      small.push(chunk);
      smallBytes += chunk.length;
    }
    if (small.length > 0 && (chunk.length >= enoughBytes || smallBytes >= enoughBytes)) {
      yield Buffer.concat(small, smallBytes);
      small = [];
      smallBytes = 0;
    }
    if (chunk.length >= enoughBytes) yield chunk;
  }
  if (small.length > 0) yield Buffer.concat(small, smallBytes);
}
