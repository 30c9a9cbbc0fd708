import { readBufferBytes } from "../ball/source.ts";

/** How a download reads, by how far away S3 is. */
export interface Pace {
  /** Reads under way at a time. */
  readonly connections: number;
  /** Most bytes of one read. */
  readonly pieceBytes: number;
}

/** A first byte that takes longer than this comes from afar: then waiting is what costs, and otherwise requests are. */
const nearMs = 5;
const fewestConnections = 32;
/** By Little's law 16 connections for each millisecond of waiting are 16,000 answers a second, more than one core can take. */
const connectionsPerMs = 16;

/**
 * The pace for a first byte that takes so long. From nearby a body comes in one request; from afar in pieces that
 * one read can hold, side by side, on at most so many connections. Before the first answer nothing is known: few connections, and small pieces.
 */
export function paceFor(firstByteMs: number | undefined, mostConnections: number): Pace {
  const few = Math.min(fewestConnections, mostConnections);
  if (firstByteMs === undefined) return { connections: few, pieceBytes: readBufferBytes };
  if (firstByteMs < nearMs) return { connections: few, pieceBytes: Number.POSITIVE_INFINITY };
  const wanted = Math.ceil(firstByteMs * connectionsPerMs);
  return { connections: Math.min(Math.max(wanted, few), mostConnections), pieceBytes: readBufferBytes };
}

/** As many connections a download begins with, and one more behind each answer, so that S3 is not rushed. */
export function rampedUp(connections: number, answers: number): number {
  return Math.min(connections, fewestConnections + answers);
}
