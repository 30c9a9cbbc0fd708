/**
 * What all of S3's listings share: pages of entries in the order of their keys' UTF-8 bytes, with keys that have the
 * delimiter behind the prefix rolled up into common prefixes. Pure.
 */
export interface ListingRequest {
  readonly prefix: string;
  /** Empty: nothing is rolled up. */
  readonly delimiter: string;
  /** Entries and common prefixes a page may have. */
  readonly maxKeys: number;
  /** The least key that may be listed. */
  readonly from: string;
}

/** An entry, or a common prefix that stands for all keys that begin with it. */
type Listed<Entry> = { readonly key: string; readonly entry: Entry | undefined };

export interface ListingPage<Entry> {
  readonly entries: readonly Entry[];
  readonly commonPrefixes: readonly string[];
  /** What was listed last, when there is more. */
  readonly last: Listed<Entry> | undefined;
}

/**
 * One page. `scan` gives entries in order from a key on; it is asked anew behind each common prefix, so that a page
 * of common prefixes costs one seek each, however many keys they hold.
 */
export function listPage<Entry extends { readonly key: string }>(
  request: ListingRequest,
  scan: (from: string) => Iterable<Entry>,
): ListingPage<Entry> {
  const listed: Listed<Entry>[] = [];
  let hasMore = false;
  // A page of no keys is empty and, in S3, not truncated.
  for (const next of request.maxKeys === 0 ? [] : rollUp(request, scan)) {
    hasMore = listed.length === request.maxKeys;
    if (hasMore) break;
    listed.push(next);
  }
  return {
    entries: listed.flatMap(({ entry }) => (entry === undefined ? [] : [entry])),
    commonPrefixes: listed.flatMap(({ key, entry }) => (entry === undefined ? [key] : [])),
    last: hasMore ? listed.at(-1) : undefined,
  };
}

function* rollUp<Entry extends { readonly key: string }>(
  { prefix, delimiter, from }: ListingRequest,
  scan: (from: string) => Iterable<Entry>,
): Generator<Listed<Entry>> {
  let next: string | undefined = from;
  while (next !== undefined) {
    const start: string = next;
    next = undefined;
    for (const entry of scan(start)) {
      const commonPrefix = commonPrefixOf(entry.key, prefix, delimiter);
      if (commonPrefix === undefined) {
        yield { key: entry.key, entry };
        continue;
      }
      yield { key: commonPrefix, entry: undefined };
      next = afterPrefix(commonPrefix);
      break;
    }
  }
}

/** What `key` is rolled up into, or undefined when it is listed itself. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

/** The least key that comes after all keys with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const characters = [...prefix];
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const codePoint = last.codePointAt(0) ?? 0;
    if (codePoint === 0x10ffff) continue;
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return undefined;
}

/** The least key that may follow a marker: what comes after the key, or after all that a common prefix holds. */
export function afterMarker(marker: string, prefix: string, delimiter: string): string {
  const isCommonPrefix = commonPrefixOf(marker, prefix, delimiter) === marker;
  return (isCommonPrefix ? afterPrefix(marker) : undefined) ?? `${marker}\0`;
}

/** The greater of two keys, in the order of their UTF-8 bytes. */
export function laterKey(one: string, other: string): string {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) >= 0 ? one : other;
}
