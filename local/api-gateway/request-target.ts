/** The request line's target: its path as it came (still percent-encoded) and its query. */
export interface RequestTarget {
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Parses origin-form (`/a?b`) and absolute-form (`http://host/a?b`, whose host says nothing here).
 * Returns undefined for what is neither, or whose percent-encoding is broken.
 * Source: RFC 9112 section 3.2.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const origin = /^https?:\/\//i.test(target) ? target.replace(/^https?:\/\/[^/?]*/i, "") : target;
  const queryAt = origin.indexOf("?");
  const path = (queryAt === -1 ? origin : origin.slice(0, queryAt)) || "/";
  if (!path.startsWith("/") || !isPercentEncodingSound(path)) return undefined;
  return { path, query: new URLSearchParams(queryAt === -1 ? "" : origin.slice(queryAt + 1)) };
}

/**
 * The path under a stage: `/prod/a` under `prod` is `/a`. An empty stage takes nothing off.
 * Returns undefined for a path outside the stage.
 */
export function pathUnderStage(path: string, stage: string): string | undefined {
  if (stage === "") return path;
  if (path === `/${stage}`) return "/";
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined;
}

function isPercentEncodingSound(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
