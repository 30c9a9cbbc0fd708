import type { CreatedBall } from "./schemas.ts";

/** Where a ball is reached: bases of links, without a slash at their end. */
export interface LinkBases {
  readonly publicUrl: string;
  /** Host names of custom domains. */
  readonly domains: readonly string[];
}

/** The body of a 201 to `POST /v2/zipball`. */
export function encodeCreated(ballId: string, bases: LinkBases): string {
  const answer: CreatedBall = {
    success: true,
    data: {
      ball_id: ballId,
      urls: {
        url: ballLink(bases.publicUrl, ballId),
        domains: bases.domains.map((domain) => ({ domain, url: ballLink(`https://${domain}`, ballId) })),
      },
    },
  };
  return JSON.stringify(answer);
}

function ballLink(base: string, ballId: string): string {
  return `${base}/${ballId}.zip?zipball`;
}
