/**
 * Everything that can go wrong with a ball and has a name. HTTP statuses are not known here: a dialect maps each
 * code to its own answer (lambdas/api).
 */
export type BallErrorCode =
  /** The request cannot be understood: its message says where, what was expected and what was found. */
  | "invalid-request"
  | "request-too-large"
  | "unauthorized"
  /** The token does not allow it: an object or folder outside its prefixes. */
  | "forbidden"
  /** More requests in this minute than the token allows. */
  | "rate-limited"
  /** A selected object or folder does not exist. */
  | "source-not-found"
  /** The object has, or had, no such version. */
  | "version-not-found"
  /** A revision that more than one version of the object begins with. */
  | "revision-ambiguous"
  /** An object in an archived storage class: it can not be read before it is restored. */
  | "source-archived"
  /** The bucket or an object may not be read by this stack. */
  | "source-forbidden"
  | "too-many-entries"
  /** Longer than one streamed response of this host can carry. */
  | "archive-too-large"
  | "ball-not-found"
  | "ball-expired"
  /** Its download has not begun, so that there is no status yet. */
  | "ball-not-started"
  /** Its archive is still being assembled; ask again. */
  | "archive-not-ready"
  /** Its archive could not be assembled; the message says why. */
  | "assembly-failed"
  /** The bucket of archives refuses or goes on failing. */
  | "archive-unwritable"
  /** No link to the archive can be made now. */
  | "archive-unreadable"
  /** A multipart upload that was completed or aborted by another. */
  | "upload-gone"
  /** An object is no longer what the manifest pinned; no byte of another version may be sent. */
  | "source-changed"
  /** S3 went on failing, attempt after attempt. */
  | "source-unreadable"
  /** A body whose length or CRC-32 is not that of the manifest. */
  | "source-corrupt"
  /** A stored ball that cannot be what was written. */
  | "ball-corrupt";

/** Where an archive could not go on. */
export interface ArchivePlace {
  /** Name of the entry in the zip. */
  readonly entryName: string;
  /** Key of its source object; "" for data that is none's. */
  readonly key: string;
  /** Offset in the archive of the first byte that could not be had. */
  readonly offset: number;
}

/**
 * A failure with a code of the closed list. Its message says what is wrong and what to do; `at` names the place in the
 * request, as in `objects[17].path`, which a dialect puts in front of the message.
 */
export class BallError extends Error {
  override readonly name = "BallError";
  readonly code: BallErrorCode;
  readonly at: string | undefined;
  /** When it is worth asking again; undefined where time alone does not help. */
  readonly retryAfterSeconds: number | undefined;
  #place: ArchivePlace | undefined;

  constructor(
    code: BallErrorCode,
    message: string,
    options: { at?: string; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.at = options.at;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Where the archive could not go on, as far as `placed` was told. */
  get place(): ArchivePlace | undefined {
    return this.#place;
  }

  /** Tells the place; of several the first holds. */
  placeAt(place: ArchivePlace): this {
    this.#place ??= place;
    return this;
  }
}

/** A failure that has no code, and its place in the archive. The failure itself is the cause. */
export class PlacedError extends Error {
  override readonly name = "PlacedError";
  readonly place: ArchivePlace;

  constructor(place: ArchivePlace, cause: unknown) {
    const { entryName, offset } = place;
    super(`${JSON.stringify(entryName)} could not be read at byte ${offset} of the archive`, { cause });
    this.place = place;
  }
}

/**
 * A failure with its place in the archive, for the log. A BallError stays the object that it is; of places that are told
 * of one failure the first holds.
 */
export function placed(error: unknown, place: ArchivePlace): BallError | PlacedError {
  if (error instanceof PlacedError) return error;
  return error instanceof BallError ? error.placeAt(place) : new PlacedError(place, error);
}

/** The place of what is wrong with all that is selected, and with none of it alone: each dialect has its own word for it. */
export const allSelected = "all selected";

/** Whether what failed did so with one of these codes. */
export function failedWith(error: unknown, ...codes: readonly BallErrorCode[]): error is BallError {
  return error instanceof BallError && codes.includes(error.code);
}

/**
 * A reader who took nothing of an answer for longer than he may. It is what the signal of a download is aborted with
 * then, and nothing that is answered: nobody is there to read it.
 */
export class ReaderStopped extends Error {
  override readonly name = "ReaderStopped";

  constructor(idleSeconds: number) {
    super(`The reader stopped: nothing was taken for ${idleSeconds} seconds`);
    // It is made by a timer, whose stack says nothing.
    this.stack = `${this.name}: ${this.message}`;
  }
}
