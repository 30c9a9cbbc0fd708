import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { zipDownload } from "../../../lambdas/api/box/schemas.ts";
import { createApiDocument } from "../../../lambdas/api/openapi/document.ts";

/** What of a JSON schema says which answers are valid. */
interface Schema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly items?: Schema | undefined;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    format: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), schema).optional(),
    items: schema.optional(),
  }),
);

/** Box's schema, as Box publishes it. */
const published: unknown = JSON.parse(
  readFileSync(join(import.meta.dirname, "box-zip-download.schema.json"), "utf8"),
);
const theirs = schema.parse(published);

const document: unknown = JSON.parse(JSON.stringify(createApiDocument()));
const { components } = z
  .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
  .parse(document);
/** Ours, with what it refers to in the place of the reference. */
const ours = schema.parse(resolve(components.schemas.ZipDownload));

function resolve(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value) return resolve(components.schemas[`${value.$ref}`.replace(/^.*\//, "")]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each)]));
}

/** Every schema in a schema, by its place. */
function placesOf(at: string, one: Schema): [at: string, schema: Schema][] {
  const properties = Object.entries(one.properties ?? {}).flatMap(([name, each]) =>
    placesOf(`${at}.${name}`, each),
  );
  const items = one.items === undefined ? [] : placesOf(`${at}[]`, one.items);
  return [[at, one], ...properties, ...items];
}

const ourPlaces = new Map(placesOf("", ours));
const theirPlaces = placesOf("", theirs);

/** Where we promise a form that Box leaves open: links are whole URLs. */
const formatsOfOurs: Readonly<Record<string, string>> = { ".download_url": "uri", ".status_url": "uri" };

describe("Box's schema of a zip download and ours", () => {
  test("have the same places", () => {
    expect([...ourPlaces.keys()].sort()).toEqual(theirPlaces.map(([at]) => at).sort());
    expect(ourPlaces.size).toBe(11);
  });

  test.each(theirPlaces)("say the same of %j", (at, their) => {
    const our = ourPlaces.get(at);
    expect(our?.type).toBe(their.type);
    expect(our?.format).toBe(their.format ?? formatsOfOurs[at]);
    expect(our?.enum).toEqual(their.enum);
    expect(Object.keys(our?.properties ?? {}).sort()).toEqual(Object.keys(their.properties ?? {}).sort());
    // Box promises the presence of no property; we answer all of them, always.
    expect(their.required).toBeUndefined();
    expect([...(our?.required ?? [])].sort()).toEqual(Object.keys(their.properties ?? {}).sort());
  });

  test("take Box's own example", () => {
    const { example } = z.object({ example: z.unknown() }).parse(published);
    expect(zipDownload.parse(example)).toEqual(example);
  });
});
