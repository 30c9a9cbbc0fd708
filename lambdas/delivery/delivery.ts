import type { Evaluation, Representation } from "../http/evaluate-request.ts";
import type { IdentifiedRequest } from "./start-download.ts";

/** What a request for a ball is answered with. */
export type Delivery =
  | Described
  /** Bytes of the archive: exactly those that the evaluation says, the first of them there. */
  | (JudgedArchive & { readonly kind: "bytes"; readonly chunks: AsyncIterable<Uint8Array> })
  /** The archive is where this link leads, for whoever has it. */
  | { readonly kind: "archive"; readonly link: string }
  /** The archive is being made: the same is to be asked again, as the next turn. */
  | { readonly kind: "wait"; readonly turn: number };

/** Answers without any byte of the archive. */
export type Described =
  | (JudgedArchive & { readonly kind: "headers" })
  /** What is known of an archive that is being made; undefined: not even its length. */
  | { readonly kind: "outlook"; readonly fileName: string; readonly lengthBytes: number | undefined };

/** An archive, and how its validators judge a request. */
export interface JudgedArchive {
  /** Name to save it under. */
  readonly fileName: string;
  readonly archive: Representation;
  readonly evaluation: Evaluation;
}

/** A request for a ball, whatever becomes of it. */
export interface DeliveryRequest extends IdentifiedRequest {
  /** Name that the link asks to save the download under; undefined: the ball's. */
  readonly fileName: string | undefined;
  /** How often the same was asked and answered with `wait` before: 0 to `lastTurn`. */
  readonly turn: number;
}

/** The turn behind which nobody is asked to come again at once. Go's client follows 10 redirections. */
export const lastTurn = 8;
