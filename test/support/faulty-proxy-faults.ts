import type { Head, HeadChange } from "./faulty-proxy-messages.ts";

/** Something that goes wrong with one request for an object. */
export interface Fault {
  readonly name: string;
  /** What comes in place of S3's answer, of which nothing is asked then. */
  readonly instead?: OwnAnswer | Refusal | "reset" | "stall";
  /** What is done to S3's answer. It is not asked where S3 answered with an error. */
  readonly spoil?: (answer: Head) => Spoiled;
}

/** An answer that S3 might have given. */
export interface OwnAnswer {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Nobody listens any more and nobody stays connected, for so long; undefined: for good. */
export interface Refusal {
  readonly reopenAfterMs: number | undefined;
}

/** An answer of S3 on its way to the client. */
export interface Spoiled {
  readonly head?: HeadChange;
  /** How many bytes of the head pass; all unless it is said. */
  readonly headBytes?: number;
  /** How many bytes of the body pass; all unless it is said. */
  readonly passBytes?: number;
  /** Sent in place of the body. */
  readonly body?: Uint8Array;
  /** Sent behind what passed. */
  readonly behind?: Uint8Array;
  /** The byte of the body of which one bit is turned. */
  readonly flipAt?: number;
  /** How many bytes go one at a time, and how long is waited behind each; those that follow go as they come. */
  readonly trickle?: { readonly bytes: number; readonly everyMs: number };
  /** What becomes of the connection behind the last byte; kept unless it is said. */
  readonly ending?: "reset" | "end" | "stall";
}

const answering = (status: number, code: string, fields: OwnAnswer["fields"] = {}): Fault => ({
  name: `${status} ${code}`,
  instead: { status, code, fields },
});

// What S3 answers: "Error responses" in the S3 API reference.
export const slowDown = answering(503, "SlowDown");
export const internalError = answering(500, "InternalError");
export const accessDenied = answering(403, "AccessDenied");
export const noSuchKey = answering(404, "NoSuchKey");
export const preconditionFailed = answering(412, "PreconditionFailed");
export const expiredToken = answering(400, "ExpiredToken");
export const tooManyRequests = (retryAfterSeconds: number): Fault =>
  answering(429, "TooManyRequests", { "retry-after": `${retryAfterSeconds}` });
/** An error whose words do not come: its status has to say enough. */
export const wordlessError: Fault = {
  ...answering(500, "InternalError", { "content-length": "10000" }),
  name: "500 without its body",
};
/** As a server says it whose clock is at `serverTime`. */
export const requestTimeTooSkewed = (serverTime: Date): Fault =>
  answering(403, "RequestTimeTooSkewed", { date: serverTime.toUTCString() });

export const resetUnanswered: Fault = { name: "reset before the head", instead: "reset" };
export const stalledUnanswered: Fault = { name: "no answer", instead: "stall" };
/** All connections are reset, and those that are tried meanwhile are refused. */
export const refused = (reopenAfterMs?: number): Fault => ({
  name: "connection refused",
  instead: { reopenAfterMs },
});

export const endedInHead: Fault = {
  name: "end in the head",
  spoil: () => ({ headBytes: 10, passBytes: 0, ending: "end" }),
};

/** At a byte of the body: one behind its end is its end. */
export const resetAt = (byte: number): Fault => cutAt(byte, "reset");
export const endedAt = (byte: number): Fault => cutAt(byte, "end");
export const stalledAt = (byte: number): Fault => cutAt(byte, "stall");

function cutAt(byte: number, ending: "reset" | "end" | "stall"): Fault {
  return { name: `${ending} at byte ${byte} of the body`, spoil: () => ({ passBytes: byte, ending }) };
}

/** A whole and clean answer that has one byte less than was asked for. */
export const shorter: Fault = {
  name: "Content-Length smaller than asked",
  spoil: (answer) => {
    const bytes = lengthOf(answer) - 1;
    return { head: { fields: { "content-length": `${bytes}` } }, passBytes: bytes };
  },
};

/** A whole and clean answer that has some bytes more than were asked for. */
export const longer: Fault = {
  name: "Content-Length larger than asked",
  spoil: (answer) => {
    const behind = Buffer.from("more");
    return { head: { fields: { "content-length": `${lengthOf(answer) + behind.length}` } }, behind };
  },
};

/** The answer is right, but bytes follow it that belong to nothing. */
export const bytesBehindEnd: Fault = {
  name: "bytes behind the end",
  spoil: () => ({ behind: Buffer.from("more") }),
};

/** The bytes are those asked for, but the answer says of them that they are others. Of a whole body it says nothing. */
export const shiftedRange: Fault = {
  name: "Content-Range shifted by one",
  spoil: ({ fields }) => {
    const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(fields.get("content-range") ?? "") ?? [];
    if (start === undefined) return {};
    return { head: { fields: { "content-range": `bytes ${Number(start) + 1}-${Number(end) + 1}/${size}` } } };
  },
};

/** As a server answers that knows no ranges: 200 and all of the object, whose bytes are given. */
export const ignoredRange = (object: Uint8Array): Fault => ({
  name: "Range ignored",
  spoil: () => ({
    head: {
      startLine: "HTTP/1.1 200 OK",
      fields: { "content-length": `${object.length}`, "content-range": undefined },
    },
    body: object,
  }),
});

/** As of an object that was replaced, from a server that does not know If-Match. */
export const otherEtag: Fault = {
  name: "another ETag",
  spoil: () => ({ head: { fields: { etag: '"00000000000000000000000000000000"' } } }),
};

export const trickled = (bytes: number, everyMs = 0): Fault => ({
  name: `${bytes} bytes one at a time`,
  spoil: () => ({ trickle: { bytes, everyMs } }),
});

/** Right in length, wrong in one bit. */
export const flippedAt = (byte: number): Fault => ({
  name: `a bit turned in byte ${byte} of the body`,
  spoil: (answer) => ({ flipAt: Math.min(byte, lengthOf(answer) - 1) }),
});

function lengthOf(answer: Head): number {
  return Number(answer.fields.get("content-length"));
}
