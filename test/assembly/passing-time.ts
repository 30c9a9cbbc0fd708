import { afterEach, beforeEach, vi } from "vitest";

/**
 * Leases and links live by the clock: in the tests of a file that calls this it can be set forward, by so many seconds. S3 and
 * DynamoDB have the same.
 */
export function passingTime(): (seconds: number) => void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());
  return (seconds) => void vi.setSystemTime(Date.now() + seconds * 1000);
}
