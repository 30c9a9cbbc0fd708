import type { CatalogedVersion, ObjectVersion } from "../../lambdas/catalog/object-version.ts";
import type { CatalogStore, ObjectPath, VersionLister } from "../../lambdas/catalog/ports.ts";

/** Waits before and behind a step, so that other steps may come between. */
type Pause = (step: string) => Promise<void>;

const noPause: Pause = async () => undefined;

/** What is stored of a catalog, in memory, with the manners of DynamoDB: a number is given once. */
export class MemoryCatalogStore implements CatalogStore {
  pause = noPause;
  readonly versions = new Map<string, CatalogedVersion[]>();
  readonly #paths = new Map<string, { bucket: string; key: string }>();
  reads = 0;

  async versionsOf(bucket: string, key: string): Promise<readonly CatalogedVersion[]> {
    this.reads += 1;
    await this.pause("read");
    return [...(this.versions.get(`${bucket}/${key}`) ?? [])];
  }

  async firstVersionsOf(bucket: string, keys: readonly string[]): Promise<readonly CatalogedVersion[]> {
    await this.pause("read the first");
    return keys.flatMap((key) => this.known(bucket, key).slice(0, 1));
  }

  async add(version: CatalogedVersion): Promise<boolean> {
    const { bucket, key, id } = version;
    await this.pause("give the id");
    this.#paths.set(id, { bucket, key });
    await this.pause("add");
    const known = this.versions.get(`${bucket}/${key}`) ?? [];
    if (known.some(({ number }) => number === version.number)) return false;
    this.versions.set(`${bucket}/${key}`, [...known, version]);
    return true;
  }

  async pathsOfIds(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, ObjectPath>> {
    return new Map([...this.#paths].filter(([id]) => ids.has(id)));
  }

  /** All that is known of a path, without asking as a recorder does. */
  known(bucket: string, key: string): readonly CatalogedVersion[] {
    return this.versions.get(`${bucket}/${key}`) ?? [];
  }
}

/** Keys in a bucket that keeps versions, in memory; uploads get ids in the order in which they come. */
export class MemoryVersions implements VersionLister {
  pause = noPause;
  listings = 0;
  pageLength = 1000;
  readonly #newestFirst = new Map<string, ObjectVersion[]>();
  #uploads = 0;

  /** `etag`: as it is in S3, with its quotation marks. `keepsVersion`: whether the upload has a version id of its own. */
  upload(key: string, { etag, keepsVersion = true }: { etag?: string; keepsVersion?: boolean } = {}) {
    this.#uploads += 1;
    const version: ObjectVersion = {
      key,
      versionId: keepsVersion ? `v${this.#uploads}` : undefined,
      etag: etag ?? `"${this.#uploads.toString(16).padStart(32, "0")}"`,
      sizeBytes: this.#uploads,
      mtimeEpochSeconds: 1_700_000_000 + this.#uploads,
    };
    const others = this.listed(key).filter((other) => keepsVersion || other.versionId !== undefined);
    this.#newestFirst.set(key, [version, ...others]);
    return version;
  }

  /** For good, as when a version is named. */
  remove({ key, versionId }: ObjectVersion): void {
    const rest = this.listed(key).filter((other) => other.versionId !== versionId);
    this.#newestFirst.set(key, rest);
  }

  /** Newest first. */
  listed(key: string): readonly ObjectVersion[] {
    return this.#newestFirst.get(key) ?? [];
  }

  async versionsOf(_bucket: string, key: string): Promise<readonly ObjectVersion[]> {
    this.listings += 1;
    await this.pause("ask for a listing");
    const listed = [...this.listed(key)];
    await this.pause("get the listing");
    return listed;
  }

  async *allVersions(_bucket: string, prefix: string, after = ""): AsyncGenerator<readonly ObjectVersion[]> {
    const keys = [...this.#newestFirst.keys()].filter((key) => key.startsWith(prefix) && key > after);
    const versions = keys.toSorted().flatMap((key) => this.listed(key));
    for (let start = 0; start < versions.length; start += this.pageLength) {
      yield versions.slice(start, start + this.pageLength);
    }
  }
}
