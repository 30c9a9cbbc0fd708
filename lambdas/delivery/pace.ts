import { readBufferBytes } from "../ball/source.ts";
import type { StreamLimits } from "./stream-limits.ts";

/** How a download reads, by how far away S3 is. */
export interface Pace extends StreamLimits {
  /** Most bytes of one read. */
  readonly pieceBytes: number;
}

/** A first byte that takes longer than this comes from afar: then waiting is what costs, and otherwise requests are. */
const nearMs = 5;
/** From nearby what comes next is asked for shortly before its turn: bytes that wait for long are costly to let go of. */
const nearWindowBytes = 4 * 1024 * 1024;
const fewestConnections = 32;
const connectionsPerAnswer = 4;
/** By Little's law 16 connections for each millisecond of waiting are 16,000 answers a second, more than one core can take. */
const connectionsPerMs = 16;

/**
 * The pace for a first byte that takes so long, within those limits. From nearby a body comes in one request; from afar in
 * pieces that one read can hold, side by side. Before the first answer nothing is known: few connections, small pieces.
 */
export function paceFor(firstByteMs: number | undefined, most: StreamLimits): Pace {
  const connections = Math.min(fewestConnections, most.connections);
  if (firstByteMs === undefined) return { ...most, connections, pieceBytes: readBufferBytes };
  if (firstByteMs < nearMs) {
    const windowBytes = Math.min(nearWindowBytes, most.windowBytes);
    return { windowBytes, connections, pieceBytes: Number.POSITIVE_INFINITY };
  }
  const wanted = Math.ceil(firstByteMs * connectionsPerMs);
  return { ...most, connections: Math.min(wanted, most.connections), pieceBytes: readBufferBytes };
}

/** As many connections a download begins with, and some more behind each answer, so that the first byte comes early. */
export function rampedUp(connections: number, answers: number): number {
  return Math.min(connections, fewestConnections + answers * connectionsPerAnswer);
}
