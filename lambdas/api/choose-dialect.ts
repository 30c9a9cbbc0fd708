import { bitpaket } from "./bitpaket/encode-problem.ts";
import { box } from "./box/encode-problem.ts";
import type { Dialect } from "./dialect.ts";

/** The dialect of a resource, as in `/2.0/zip_downloads/{ball}/content`: Box's are all under its version number. */
export function dialectOf({ resource }: { readonly resource: string }): Dialect {
  return resource.startsWith("/2.0/") ? box : bitpaket;
}
