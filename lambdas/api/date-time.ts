/** RFC 3339 in UTC, to the second: `2026-11-22T12:00:00Z`. */
export function formatDateTime(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(".000Z", "Z");
}
