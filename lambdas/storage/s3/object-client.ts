import type { S3Client } from "@aws-sdk/client-s3";
import { type Dispatcher, Pool } from "undici";
import { type BucketAddress, resolveAddress } from "./object-address.ts";
import { type Credentials, type ObjectRequest, signedGet } from "./signed-get.ts";
import { amzDateOf } from "./sigv4.ts";

/** How many sockets there are, and how long each is waited for. */
export interface ObjectClientOptions {
  /** Most sockets to one bucket. */
  readonly sockets: number;
  /** How long a socket may take to be there. */
  readonly connectTimeoutMs: number;
  /** How long an answer may take to begin. */
  readonly answerTimeoutMs: number;
  /** How long nothing may come of a body that is waited for. */
  readonly stallTimeoutMs: number;
}

/**
 * Asks S3 for bodies without the SDK's middleware, which costs several times what the request itself does. Who asks
 * (credentials, renewed when they run out), where (region, endpoint, way of addressing) and when (the clock's skew) are
 * the SDK client's own.
 */
export class ObjectClient {
  readonly #s3: S3Client;
  readonly #options: ObjectClientOptions;
  readonly #addresses = new Map<string, Promise<BucketAddress>>();
  readonly #pools = new Map<string, Pool>();
  readonly #firstByteMs = new Map<string, number>();
  #renewedAtMs = 0;
  #signedAt = { second: Number.NaN, amzDate: "" };

  constructor(s3: S3Client, options: ObjectClientOptions) {
    this.#s3 = s3;
    this.#options = options;
  }

  /** Signs and sends; what becomes of it is told to `handler`. Rejects when it can not even be sent. */
  async get(request: ObjectRequest, handler: Dispatcher.DispatchHandler): Promise<void> {
    const address = await this.#address(request.bucket);
    const credentials = await this.#credentials();
    const { path, headers } = signedGet(request, address, credentials, this.#amzDate());
    this.#pool(address.origin).dispatch({ method: "GET", path, headers }, handler);
  }

  /**
   * Gets credentials anew that S3 has called expired in answer to an attempt that began at `begunAtMs`: once, however many
   * requests they have signed by then.
   */
  async renewCredentials(begunAtMs: number): Promise<void> {
    if (begunAtMs < this.#renewedAtMs) return;
    await this.#s3.config.credentials({ forceRefresh: true });
    this.#renewedAtMs = performance.now();
  }

  /** Learns from the Date of an answer how far this clock is off, for the SDK's requests, too. */
  correctClock(date: string): void {
    const serverMs = Date.parse(date);
    if (!Number.isNaN(serverMs)) this.#s3.config.systemClockOffset = serverMs - Date.now();
  }

  /** The shortest time a bucket's first byte has taken so far, in milliseconds. */
  firstByteMs(bucket: string): number | undefined {
    return this.#firstByteMs.get(bucket);
  }

  /** Tells how long a first byte took. */
  noteFirstByte(bucket: string, tookMs: number): void {
    this.#firstByteMs.set(bucket, Math.min(tookMs, this.#firstByteMs.get(bucket) ?? tookMs));
  }

  async #credentials(): Promise<Credentials> {
    try {
      return await this.#s3.config.credentials();
    } catch (error) {
      throw new Error("There are no credentials to ask S3 with", { cause: error });
    }
  }

  /** The time of signing, made once a second. */
  #amzDate(): string {
    const second = Math.floor((Date.now() + this.#s3.config.systemClockOffset) / 1000);
    if (second !== this.#signedAt.second) {
      this.#signedAt = { second, amzDate: amzDateOf(new Date(second * 1000)) };
    }
    return this.#signedAt.amzDate;
  }

  #address(bucket: string): Promise<BucketAddress> {
    const known = this.#addresses.get(bucket);
    if (known !== undefined) return known;
    const address = resolveAddress(this.#s3, bucket);
    this.#addresses.set(bucket, address);
    // What could not be resolved now may be later.
    address.catch(() => this.#addresses.delete(bucket));
    return address;
  }

  #pool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const { sockets, connectTimeoutMs, answerTimeoutMs, stallTimeoutMs } = this.#options;
    const pool = new Pool(origin, {
      connections: sockets,
      pipelining: 1,
      // A body that pauses must not hold back others, as it does where they share a connection.
      allowH2: false,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: answerTimeoutMs,
      // Does not run while a body is paused.
      bodyTimeout: stallTimeoutMs,
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}
