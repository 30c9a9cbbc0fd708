import type { Manifest } from "../ball/manifest.ts";
import { encodePin } from "../ball/pin.ts";
import type { PinnedSource } from "../ball/source.ts";

/** A text that is the same for the same object in the same state, whichever plan's entry it is. */
export function identityOfSource({ key, pin }: PinnedSource): string {
  return identity(key, encodePin(pin));
}

/** The same of what an entry is read from; of an entry that is no object's, a text that is no object's either. */
export function identityOfEntry(manifest: Manifest, entry: number): string {
  return identity(manifest.key(entry), manifest.pinBytes(entry));
}

function identity(key: string, pin: Uint8Array): string {
  return `${Buffer.from(pin).toString("latin1")} ${key}`;
}
