const plain = /^[ -~]*$/;

/**
 * One spelling for all names that some file system takes for the same: macOS compares without regard to case
 * and normalisation form, Windows without regard to case.
 *
 * Lower, upper and lower case once more is full case folding by what the language has: `ẞ`, `ß`, `SS` and `ss`
 * meet, and so do the three sigmas. A little coarser than any one system, which costs a number and no data.
 */
export function foldName(name: string): string {
  if (plain.test(name)) return name.toLowerCase();
  return name.normalize("NFD").toLowerCase().toUpperCase().toLowerCase();
}
