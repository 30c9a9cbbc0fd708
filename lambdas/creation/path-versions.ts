import type { CatalogedVersion } from "../catalog/object-version.ts";
import { leadingHexDigits } from "../catalog/revision.ts";
import type { VersionChoice } from "./selection.ts";

/** A version that is named, by its number or its revision. */
export type NamedChoice = Exclude<VersionChoice, { kind: "newest" }>;

/** The versions of one path by number and by revision: a lookup costs the same however many there are. */
export class PathVersions {
  readonly #versions: readonly CatalogedVersion[];
  readonly #byNumber: ReadonlyMap<number, CatalogedVersion>;
  /** By count of digits, then by the digits. */
  readonly #byRevision = new Map<number, Map<string, CatalogedVersion[]>>();

  constructor(versions: readonly CatalogedVersion[]) {
    this.#versions = versions;
    this.#byNumber = new Map(versions.map((version) => [version.number, version]));
  }

  /** The one version that is meant; undefined when there is none, or more than one. */
  only(choice: NamedChoice): CatalogedVersion | undefined {
    if (choice.kind === "version") return this.#byNumber.get(choice.number);
    const [first, ...others] = this.#withDigits(choice.revision.length).get(choice.revision) ?? [];
    return others.length === 0 ? first : undefined;
  }

  #withDigits(count: number): Map<string, CatalogedVersion[]> {
    const present = this.#byRevision.get(count);
    if (present !== undefined) return present;
    const made = Map.groupBy(this.#versions, ({ etag }) => leadingHexDigits(etag).slice(0, count));
    this.#byRevision.set(count, made);
    return made;
  }
}
