import { createHash } from "node:crypto";

/** MD5 of a body that comes in chunks. S3 tells it of many objects: no secret, and a check against accidents only. */
export class BodyMd5 {
  readonly #hash = createHash("md5");

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** In hexadecimal; of all the chunks, so once. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
