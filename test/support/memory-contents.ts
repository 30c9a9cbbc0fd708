import type { Pin } from "../../lambdas/ball/pin.ts";
import type { ContentName, KnownContent, KnownContents } from "../../lambdas/crc32/known-contents.ts";

/** Learned contents in memory, and what was asked of them. */
export class MemoryContents implements KnownContents {
  readonly kept: KnownContent[] = [];
  readonly lookedUp: ContentName[] = [];
  /** Runs ahead of every call; may wait, or throw in DynamoDB's stead. */
  beforeCall: (signal: AbortSignal | undefined) => Promise<void> | void = () => undefined;
  readonly #contents = new Map<string, KnownContent>();

  async find(
    bucket: string,
    contents: readonly ContentName[],
    signal?: AbortSignal,
  ): Promise<readonly KnownContent[]> {
    signal?.throwIfAborted();
    await this.beforeCall(signal);
    this.lookedUp.push(...contents);
    return contents.flatMap(({ key, pin }) => this.#contents.get(nameOf(bucket, key, pin)) ?? []);
  }

  async keep(bucket: string, contents: readonly KnownContent[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.beforeCall(signal);
    this.kept.push(...contents);
    for (const content of contents) this.#contents.set(nameOf(bucket, content.key, content.pin), content);
  }

  async forget(bucket: string, contents: readonly ContentName[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.beforeCall(signal);
    for (const { key, pin } of contents) this.#contents.delete(nameOf(bucket, key, pin));
  }
}

function nameOf(bucket: string, key: string, pin: Pin): string {
  return JSON.stringify([bucket, key, pin.kind === "version" ? pin.versionId : pin.etag]);
}
