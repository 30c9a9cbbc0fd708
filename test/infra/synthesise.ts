import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { z } from "zod";
import { readSettings } from "../../infra/settings.ts";
import { ZipballStack } from "../../infra/zipball-stack.ts";

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

const { context: flags } = cdkJson.parse(
  JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8")),
);

/**
 * The stack under the feature flags of cdk.json and the given settings (names without `zipball:`), without
 * bundling any function: bundles.test.ts does that once, the way the CLI does.
 */
export function makeStack(settings: Readonly<Record<string, unknown>> = {}): ZipballStack {
  const given = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`zipball:${key}`, value]));
  const app = new App({ context: { ...flags, ...given, "aws:cdk:bundling-stacks": [] } });
  return new ZipballStack(app, "Zipball", { settings: readSettings(app.node.getAllContext()) });
}

/** Logical id and properties of the resources of one type, in template order. */
export function resourcesOf(template: Template, type: string): { id: string; properties: unknown }[] {
  const found = z
    .record(z.string(), z.object({ Properties: z.unknown() }))
    .parse(template.findResources(type));
  return Object.entries(found).map(([id, resource]) => ({ id, properties: resource.Properties }));
}

export const synthesise = (settings?: Readonly<Record<string, unknown>>): Template =>
  Template.fromStack(makeStack(settings));
