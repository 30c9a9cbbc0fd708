/**
 * What readers and file systems take, written down a second time and without regard to speed, so that the naming
 * rules are not tested by themselves.
 */

const windowsDevices = new Set(["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]);
for (const digit of "123456789¹²³") windowsDevices.add(`COM${digit}`).add(`LPT${digit}`);

/** Why a file or folder can not have this name everywhere; empty when it can. */
export function faultsOfComponent(component: string): string[] {
  const faults: string[] = [];
  if (component === "") faults.push("empty");
  if (component === "." || component === "..") faults.push("relative");
  if (component.endsWith(".") || component.endsWith(" ")) faults.push("ends in a dot or space");
  if (new TextEncoder().encode(component).length > 255) faults.push("too long");
  if (!component.isWellFormed()) faults.push("half a surrogate pair");
  const device = (component.split(".")[0] ?? "").trimEnd().toUpperCase();
  if (windowsDevices.has(device)) faults.push(`device ${device}`);
  for (const character of component) faults.push(...faultsOfCharacter(character));
  return faults;
}

function faultsOfCharacter(character: string): string[] {
  const code = character.codePointAt(0) ?? 0;
  const within = (first: number, last: number): boolean => code >= first && code <= last;
  const isControl = within(0, 0x1f) || within(0x7f, 0x9f);
  const isDirection =
    within(0x202a, 0x202e) || within(0x2066, 0x2069) || within(0x200e, 0x200f) || code === 0x61c;
  const isLineSeparator = within(0x2028, 0x2029);
  const isNoCharacter = within(0xfdd0, 0xfdef) || (code & 0xfffe) === 0xfffe;
  const isRefused = '/\\:*?"<>|'.includes(character);
  return isControl || isDirection || isLineSeparator || isNoCharacter || isRefused
    ? [`U+${code.toString(16)}`]
    : [];
}

/** Why these entry names can not stand in one archive; empty when they can. */
export function faultsOfEntryNames(names: readonly string[]): string[] {
  const faults: string[] = [];
  const files = new Map<string, string>();
  const directories = new Map<string, string>();
  for (const name of names) {
    const components = name.replace(/\/$/, "").split("/");
    for (const component of components) {
      faults.push(...faultsOfComponent(component).map((fault) => `${fault}: ${name}`));
    }
    if (!name.endsWith("/")) faults.push(...faultsOfFile(name, files));
    faults.push(...faultsOfDirectories(name, directories));
  }
  for (const [folded, path] of files) {
    if (directories.has(folded)) faults.push(`file and folder: ${path}`);
  }
  if (new Set(names).size < names.length) faults.push("a name twice");
  return faults;
}

function faultsOfFile(path: string, files: Map<string, string>): string[] {
  const twin = files.get(fold(path));
  files.set(fold(path), path);
  return twin === undefined ? [] : [`twins: ${twin} and ${path}`];
}

function faultsOfDirectories(name: string, directories: Map<string, string>): string[] {
  const faults: string[] = [];
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    const path = name.slice(0, slash);
    const spelling = directories.get(fold(path)) ?? path;
    directories.set(fold(path), path);
    if (spelling !== path) faults.push(`folder twins: ${spelling} and ${path}`);
  }
  return faults;
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
