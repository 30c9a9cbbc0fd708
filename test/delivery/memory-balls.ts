import type { Ball, BallStore, Plan, SentRange } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";

/** Balls in memory, with the manners of the store in DynamoDB. */
export class MemoryBalls implements BallStore {
  /** By ball and entity tag. */
  readonly crc32s = new Map<string, Crc32Column>();
  /** Runs ahead of every write of progress and of every plan; may wait, or throw in DynamoDB's stead. */
  beforeWrite: (what: "sent" | "start" | "plan" | "crc32s") => Promise<void> | void = () => undefined;
  /** Every write of progress that was carried out, in order. */
  readonly kept: SentRange[] = [];
  readonly #balls = new Map<string, Ball>();
  readonly #manifests = new Map<string, Manifest>();
  readonly #sent = new Map<string, SentRange>();

  async put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void> {
    this.#manifests.set(planKey(ball), manifest);
    this.crc32s.set(planKey(ball), crc32s);
    this.#balls.set(ball.ballId, ball);
  }

  async remove({ ballId }: Ball): Promise<void> {
    this.#balls.delete(ballId);
  }

  async get(ballId: string): Promise<Ball | undefined> {
    return this.#balls.get(ballId);
  }

  async getManifest(ball: Ball): Promise<Manifest> {
    const manifest = this.#manifests.get(planKey(ball));
    if (manifest === undefined) throw new Error(`There is no plan ${planKey(ball)}`);
    return manifest;
  }

  async getCrc32s(ball: Ball): Promise<Crc32Column> {
    const copy = new Crc32Column(ball.entryCount);
    copy.merge(this.crc32s.get(planKey(ball)) ?? copy);
    return copy;
  }

  async addCrc32s(ball: Ball, learned: Crc32Column): Promise<void> {
    await this.beforeWrite("crc32s");
    this.crc32s.get(planKey(ball))?.merge(learned);
  }

  async start(ball: Ball, startedAtEpochSeconds: number): Promise<Ball> {
    await this.beforeWrite("start");
    const stored = this.#present(ball);
    if (stored.startedAtEpochSeconds !== undefined) return stored;
    const { lifetimeFromStartSeconds: lifetime, expiresAtEpochSeconds } = ball;
    const started: Ball = {
      ...stored,
      startedAtEpochSeconds,
      expiresAtEpochSeconds:
        lifetime === undefined ? expiresAtEpochSeconds : startedAtEpochSeconds + lifetime,
    };
    this.#balls.set(ball.ballId, started);
    return started;
  }

  async replan(ball: Ball, plan: Plan, manifest: Manifest, crc32s: Crc32Column): Promise<Ball> {
    await this.beforeWrite("plan");
    const stored = this.#present(ball);
    const planned: Ball = { ...stored, ...plan };
    this.#manifests.set(planKey(planned), manifest);
    if (!this.crc32s.has(planKey(planned))) this.crc32s.set(planKey(planned), crc32s);
    if (stored.planNumber !== ball.planNumber) return stored;
    this.#balls.set(ball.ballId, planned);
    return planned;
  }

  async keepSentRange(ball: Ball, sent: SentRange): Promise<void> {
    await this.beforeWrite("sent");
    this.kept.push(sent);
    this.#sent.set(`${ball.ballId} ${sent.planNumber} ${sent.requestId}`, sent);
  }

  async sentRanges({ ballId, planNumber }: Ball): Promise<readonly SentRange[]> {
    const isOfPlan = (key: string) => key.startsWith(`${ballId} ${planNumber} `);
    return [...this.#sent].flatMap(([key, sent]) => (isOfPlan(key) ? [sent] : []));
  }

  #present({ ballId }: Ball): Ball {
    const stored = this.#balls.get(ballId);
    if (stored === undefined) throw new Error(`There is no ball ${ballId}`);
    return stored;
  }
}

function planKey({ ballId, etag }: Ball): string {
  return `${ballId} ${etag}`;
}
