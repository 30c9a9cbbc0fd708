/**
 * The versions of the writer. A manifest is frozen with the version that wrote it, and its archive must keep its
 * bytes for as long as the ball lives: a release that would write other bytes for the same manifest adds a
 * version here, and the encoders of lambdas/zip are then chosen by it in plan-layout.ts and encode-slice.ts.
 */

/** The version that new manifests are frozen with. */
export const currentWriterVersion = 1;

const supportedWriterVersions: readonly number[] = [1];

/** Throws: Error when this release can not write the bytes of that version. */
export function requireSupportedWriterVersion(version: number): void {
  if (supportedWriterVersions.includes(version)) return;
  const supported = supportedWriterVersions.join(", ");
  throw new Error(`Writer version ${version} is not known to this release, which writes ${supported}.`);
}
