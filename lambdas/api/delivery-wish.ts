import { z } from "zod";
import { BallError } from "../ball/errors.ts";
import type { DeliveryWish } from "../creation/choose-delivery.ts";

/** Keys of both dialects' requests that neither API has: how the archive is to be made. */
export const wishKeys = {
  delivery: z
    .enum(["auto", "stream", "assemble"])
    .optional()
    .meta({
      description:
        "`stream`: the archive is made while it is sent. `assemble`: it is made in S3 beforehand, and downloaded from " +
        "there. `auto`, as without the key: streamed up to a length that is set here, and assembled beyond it. An " +
        "extension of this service.",
      example: "auto",
    }),
  compression: z
    .enum(["stored", "deflate"])
    .optional()
    .meta({
      description:
        "`stored`, as without the key: objects are in the archive as they are. `deflate`: those that become smaller by " +
        "it are compressed, and the archive is assembled. An extension of this service.",
      example: "stored",
    }),
};

/** What can not stand together, as JSON Schema says it. */
export const notTogether = {
  properties: { delivery: { const: "stream" }, compression: { const: "deflate" } },
  required: ["delivery", "compression"],
};

type WishKeys = z.output<z.ZodObject<typeof wishKeys>>;

/** Throws: BallError("invalid-request") for a compressed archive that is to be streamed. */
export function decodeWish({ delivery = "auto", compression = "stored" }: WishKeys): DeliveryWish {
  if (compression === "stored") return { delivery, compression };
  if (delivery !== "stream") return { delivery, compression };
  throw new BallError(
    "invalid-request",
    'a compressed archive can not be streamed, as its length is not known beforehand; leave "delivery" out, or leave ' +
      'out "compression"',
    { at: "delivery" },
  );
}
