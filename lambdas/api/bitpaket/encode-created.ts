/** Where a ball is reached: bases of links, without a slash at their end. */
export interface LinkBases {
  readonly publicUrl: string;
  /** Host names of custom domains. */
  readonly domains: readonly string[];
}

/** The body of a 201 to `POST /v2/zipball`. */
export function encodeCreated(ballId: string, bases: LinkBases): string {
  return JSON.stringify({
    success: true,
    data: {
      ball_id: ballId,
      urls: {
        url: ballLink(bases.publicUrl, ballId),
        domains: bases.domains.map((domain) => ({ domain, url: ballLink(`https://${domain}`, ballId) })),
      },
    },
  });
}

function ballLink(base: string, ballId: string): string {
  return `${base}/${ballId}.zip?zipball`;
}
