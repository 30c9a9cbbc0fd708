import { maxComponentBytes, shortenName, underscoreTrailingBlanks } from "./name-length.ts";

/** Printable ASCII without what `refused` takes, not ending in a blank: nearly every name there is. */
const plain = /^[ !#-)+-.0-9;=@-[\]-{}~]*[!#-)+\-0-9;=@-[\]-{}~]$/;

/**
 * What some reader refuses or misreads within a component: control characters, halves of surrogate pairs, line
 * separators, code points that are no characters, reversals of the reading direction (`gpj.exe` shown as
 * `exe.jpg`), and the characters that separate paths or that Windows refuses.
 */
const refused = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Bidi_Control}/\\:<>"|?*]/gu;

/** Windows takes these for devices, whatever extension follows ("Naming Files, Paths, and Namespaces"). */
const device = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/**
 * The component itself when every reader and file system takes it as it is, otherwise the nearest that they
 * take: refused characters, and dots and spaces at the end, become `_` one by one (so `..` is `__`), an empty
 * component becomes `_`, a device name gets a `_` in front, and a long one is shortened before its extension.
 *
 * Shape: one component of a path, without its slashes; the answer is never empty, has at most 255 UTF-8 bytes
 * and is its own safe component.
 */
export function safeComponent(component: string): string {
  if (isPlain(component)) return component;
  const name = underscoreTrailingBlanks(component.replace(refused, "_")) || "_";
  return shortenName(device.test(name) ? `_${name}` : name);
}

/** Whether every reader and file system takes the component as it is. */
export function isSafeComponent(component: string): boolean {
  return safeComponent(component) === component;
}

function isPlain(component: string): boolean {
  return component.length <= maxComponentBytes && plain.test(component) && !device.test(component);
}
