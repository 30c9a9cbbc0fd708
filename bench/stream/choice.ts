import { type ContestantName, contestantNames } from "./contestants/contestants.ts";
import { type SetName, setNames } from "./sets.ts";

/** What of the section runs. */
export interface StreamChoice {
  readonly sets: readonly SetName[];
  readonly contestants: readonly ContestantName[];
  /** Whether figures and chart go into docs/. */
  readonly isPublished: boolean;
}

interface ChoiceInput {
  /** Names with commas between them; undefined: all. */
  readonly sets: string | undefined;
  readonly only: string | undefined;
  readonly write: boolean;
}

/** Throws: RangeError for a name there is not. */
export function parseChoice({ sets, only, write }: ChoiceInput): StreamChoice {
  return {
    sets: chosen("--sets", sets, setNames),
    contestants: chosen("--only", only, contestantNames),
    isPublished: write,
  };
}

/** Names with commas between them, in the order in which they are known; none: all. Throws: RangeError. */
export function chosen<Name extends string>(
  option: string,
  given: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (given === undefined) return known;
  const names = given.split(",");
  const unknown = names.filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0)
    throw new RangeError(`${option}: there is no ${unknown.join(", ")}, but ${known.join(", ")}.`);
  return known.filter((name) => names.includes(name));
}
