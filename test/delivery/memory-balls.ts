import type { Ball, BallStore } from "../../lambdas/ball/ball.ts";
import { Crc32Column } from "../../lambdas/ball/crc32-column.ts";
import type { Manifest } from "../../lambdas/ball/manifest.ts";

/** Balls in memory. */
export class MemoryBalls implements BallStore {
  readonly crc32s = new Map<string, Crc32Column>();
  readonly #balls = new Map<string, { ball: Ball; manifest: Manifest }>();

  async put(ball: Ball, manifest: Manifest, crc32s: Crc32Column): Promise<void> {
    this.#balls.set(ball.ballId, { ball, manifest });
    this.crc32s.set(ball.ballId, crc32s);
  }

  async get(ballId: string): Promise<Ball | undefined> {
    return this.#balls.get(ballId)?.ball;
  }

  async getManifest({ ballId }: Ball): Promise<Manifest> {
    const stored = this.#balls.get(ballId);
    if (stored === undefined) throw new Error(`There is no ball ${ballId}`);
    return stored.manifest;
  }

  async getCrc32s({ ballId, entryCount }: Ball): Promise<Crc32Column> {
    const copy = new Crc32Column(entryCount);
    copy.merge(this.crc32s.get(ballId) ?? copy);
    return copy;
  }

  async addCrc32s({ ballId }: Ball, learned: Crc32Column): Promise<void> {
    this.crc32s.get(ballId)?.merge(learned);
  }
}
