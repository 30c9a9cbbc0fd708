/** 1980-01-01T00:00:00Z and 2107-12-31T23:59:58Z, the first and last time the fields can hold. */
const firstEpochSeconds = 315_532_800;
const lastEpochSeconds = 4_354_819_198;

/** The two 16-bit MS-DOS fields of a header. */
export interface DosDateTime {
  /** Bits 0-4 day 1-31, 5-8 month 1-12, 9-15 year since 1980. */
  readonly date: number;
  /** Bits 0-4 second halves, 5-10 minute, 11-15 hour. */
  readonly time: number;
}

/**
 * A time as MS-DOS fields, in UTC: the fields have no time zone, and ours must not depend on the machine's.
 * Clamped to 1980-2107, so that day and month are never 0; odd seconds are rounded down.
 * Source: APPNOTE 4.4.6.
 */
export function dosDateTime(epochSeconds: number): DosDateTime {
  const clamped = Math.min(Math.max(epochSeconds, firstEpochSeconds), lastEpochSeconds);
  const utc = new Date(clamped * 1000);
  return {
    date: ((utc.getUTCFullYear() - 1980) << 9) | ((utc.getUTCMonth() + 1) << 5) | utc.getUTCDate(),
    time: (utc.getUTCHours() << 11) | (utc.getUTCMinutes() << 5) | (utc.getUTCSeconds() >> 1),
  };
}
