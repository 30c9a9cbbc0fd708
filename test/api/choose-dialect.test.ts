import { expect, test } from "vitest";
import { bitpaket } from "../../lambdas/api/bitpaket/encode-problem.ts";
import { box } from "../../lambdas/api/box/encode-problem.ts";
import { dialectOf } from "../../lambdas/api/choose-dialect.ts";
import { routes } from "../../lambdas/api/routes.ts";

test.each(routes)("$method $resource speaks its own dialect", ({ resource }) => {
  expect(dialectOf({ resource })).toBe(resource.includes("zip_downloads") ? box : bitpaket);
});
