import { BallError } from "../../lambdas/ball/errors.ts";
import type { PinnedSource, SourceObject } from "../../lambdas/ball/source.ts";
import type { ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import type { MemoryVersions } from "../catalog/memory-catalog.ts";
import { MemorySources } from "../support/memory-sources.ts";

/** A reader of the versions that are in memory: it tells of them, and does not read them. */
export class VersionSources extends MemorySources {
  readonly #versions: MemoryVersions;
  asked = 0;
  openQuestions = 0;
  mostOpenQuestions = 0;

  constructor(versions: MemoryVersions) {
    super();
    this.#versions = versions;
  }

  override async describe(_bucket: string, key: string): Promise<SourceObject | undefined> {
    const [newest] = this.#versions.listed(key);
    return await this.#answer(newest === undefined ? undefined : objectOf(newest));
  }

  override async describePinned({ key, pin }: PinnedSource): Promise<SourceObject> {
    const isPinned = ({ versionId, etag }: ObjectVersion) =>
      pin.kind === "version" ? versionId === pin.versionId : versionId === undefined && etag === pin.etag;
    const version = this.#versions.listed(key).find(isPinned);
    if (version === undefined) throw new BallError("source-changed", `${key} is not there any more`);
    return await this.#answer(objectOf(version));
  }

  async #answer<Answer>(answer: Answer): Promise<Answer> {
    this.asked += 1;
    this.openQuestions += 1;
    this.mostOpenQuestions = Math.max(this.mostOpenQuestions, this.openQuestions);
    await new Promise((resolve) => setImmediate(resolve));
    this.openQuestions -= 1;
    return answer;
  }
}

function objectOf({ key, sizeBytes, mtimeEpochSeconds, etag, versionId }: ObjectVersion): SourceObject {
  return { key, sizeBytes, mtimeEpochSeconds, etag, versionId, isArchived: false, crc32: 1 };
}
