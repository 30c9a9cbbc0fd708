const mib = 2 ** 20;

/** What an assembly costs, in dollars, and how fast it goes. */
export interface AssemblyPrices {
  /** One PUT, COPY, POST or LIST request. */
  readonly writeRequestDollars: number;
  /** One GET or HEAD request. */
  readonly readRequestDollars: number;
  /** One worker for one second. */
  readonly workerSecondDollars: number;
  /**
   * What a worker's second counts for beyond its price when work is chosen, because somebody waits for it.
   */
  readonly waitedSecondDollars: number;
  /** What one worker reads, checks and uploads. */
  readonly workerBytesPerSecond: number;
  /** Of a worker's time what one request takes, its waiting hidden behind other requests. */
  readonly requestSeconds: number;
  /** How long one request is waited for when nothing hides it. */
  readonly latencySeconds: number;
  /** What one copy moves inside S3. */
  readonly copyBytesPerSecond: number;
  readonly copiesAtOnce: number;
  readonly workersAtOnce: number;
  /** From a message in the queue to a worker at work. */
  readonly startSeconds: number;
}

/**
 * Prices: us-east-1, November 2026 (aws.amazon.com/s3/pricing, aws.amazon.com/lambda/pricing), for a worker
 * of 1769 MiB on arm64. Rates: assumptions, none measured on the live service; they are on the careful side.
 */
export const assemblyPrices: AssemblyPrices = {
  writeRequestDollars: 0.005 / 1000,
  readRequestDollars: 0.0004 / 1000,
  workerSecondDollars: (0.0000133334 * 1769) / 1024,
  waitedSecondDollars: 0.0000036,
  workerBytesPerSecond: 64 * mib,
  requestSeconds: 0.002,
  latencySeconds: 0.1,
  copyBytesPerSecond: 100 * mib,
  copiesAtOnce: 32,
  workersAtOnce: 32,
  startSeconds: 1,
};

/**
 * What requests and bytes cost when work is chosen: their price, and the seconds that they take of a worker.
 */
export interface UnitCosts {
  readonly writeRequest: number;
  readonly readRequest: number;
  readonly movedByte: number;
  readonly copiedByte: number;
}

/** The modelled cost of single requests and bytes, in dollars. */
export function unitCosts(prices: AssemblyPrices): UnitCosts {
  const second = prices.workerSecondDollars + prices.waitedSecondDollars;
  return {
    writeRequest: prices.writeRequestDollars + prices.requestSeconds * second,
    readRequest: prices.readRequestDollars + prices.requestSeconds * second,
    movedByte: second / prices.workerBytesPerSecond,
    copiedByte: second / (prices.copyBytesPerSecond * prices.copiesAtOnce),
  };
}
