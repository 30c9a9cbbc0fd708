import type { BallErrorCode } from "../../lambdas/ball/errors.ts";
import * as faults from "../support/faulty-proxy-faults.ts";
import type { ObjectGet } from "../support/faulty-proxy-messages.ts";
import type { FaultyBall } from "./faulty-ball.ts";

/** A fault, made for a request of a ball's object. */
export interface FaultKind {
  readonly name: string;
  readonly fault: (get: ObjectGet, ball: FaultyBall) => faults.Fault;
  readonly stalls?: boolean;
  /** What a download fails with that meets it again and again; undefined: it does not fail by it. */
  readonly lasting: BallErrorCode | undefined;
}

const kind = (fault: faults.Fault, lasting?: BallErrorCode): FaultKind => ({
  name: fault.name,
  fault: () => fault,
  lasting,
});

/** S3's front is started anew, which meets everything under way. It is mended when it comes once. */
export const restarted = kind(faults.refused(10), "source-unreadable");

/** Others that are mended when they come once. */
export const mended: readonly FaultKind[] = [
  kind(faults.slowDown, "source-unreadable"),
  kind(faults.internalError, "source-unreadable"),
  { ...kind(faults.wordlessError, "source-unreadable"), stalls: true },
  kind(faults.tooManyRequests(1), "source-unreadable"),
  kind(faults.resetUnanswered, "source-unreadable"),
  { ...kind(faults.stalledUnanswered, "source-unreadable"), stalls: true },
  kind(faults.endedInHead, "source-unreadable"),
  kind(faults.resetAt(0), "source-unreadable"),
  kind(faults.resetAt(1000), "source-unreadable"),
  kind(faults.endedAt(0), "source-unreadable"),
  kind(faults.endedAt(1000), "source-unreadable"),
  { ...kind(faults.stalledAt(0), "source-unreadable"), stalls: true },
  { ...kind(faults.stalledAt(1000), "source-unreadable"), stalls: true },
  kind(faults.shorter, "source-corrupt"),
  kind(faults.longer, "source-corrupt"),
  kind(faults.bytesBehindEnd),
  kind(faults.shiftedRange, "source-corrupt"),
  {
    name: "Range ignored",
    fault: ({ key }, ball) => faults.ignoredRange(ball.bytesOf(key)),
    lasting: "source-corrupt",
  },
  kind(faults.trickled(300)),
  kind(faults.expiredToken, "source-forbidden"),
  {
    name: "403 RequestTimeTooSkewed",
    fault: () => faults.requestTimeTooSkewed(new Date()),
    lasting: "source-forbidden",
  },
];

/** Those that end a download at once, because what S3 says of its object is so. */
export const final: readonly (FaultKind & { readonly lasting: BallErrorCode })[] = [
  { ...kind(faults.otherEtag), lasting: "source-changed" },
  { ...kind(faults.preconditionFailed), lasting: "source-changed" },
  { ...kind(faults.noSuchKey), lasting: "source-changed" },
  { ...kind(faults.accessDenied), lasting: "source-forbidden" },
];
