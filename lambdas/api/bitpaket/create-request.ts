import { z } from "zod";
import { notTogether, wishKeys } from "../delivery-wish.ts";
import { found, kindOf } from "../parse-body.ts";

const selectors = ["folder", "id", "path"] as const;
/** What goes with one of the selectors only. */
const selectorOf = { override: "id", version: "path", revision: "path" } as const;
const extras = ["override", "version", "revision"] as const;

type RawIssue = z.core.$ZodRawIssue;

const badFormat = (issue: RawIssue, expected: string) =>
  issue.code === "invalid_format" ? `${expected}, not ${found(issue)}` : undefined;

const noList = (issue: RawIssue) =>
  issue.code === "invalid_type"
    ? `a list of objects and folders was expected, not ${kindOf(issue.input)}`
    : undefined;

const unknownKey = (known: readonly string[]) => (issue: RawIssue) =>
  issue.code === "unrecognized_keys"
    ? `this key is not known here; known: ${known.map((name) => `"${name}"`).join(", ")}`
    : undefined;

/** One thing that is selected, in BitPaket's words. */
const createItem = z
  .strictObject(
    {
      folder: z.string().optional().meta({
        description:
          'Path of a folder: all that is in it, and in its folders. The root "/" can not be downloaded.',
        example: "/anotherDir",
      }),
      id: z
        .uuidv4({ error: (issue) => badFormat(issue, "a UUID of version 4 was expected") })
        .optional()
        .meta({
          description: "Id of an object version, as the metadata API tells it.",
          example: "b6233520-0ab2-465e-b698-c69c7ed53e2a",
        }),
      path: z.string().optional().meta({ description: "Path of an object.", example: "/dir/myfile.exe" }),
      version: z.int().min(1).optional().meta({
        description: 'With "path": the how-manieth upload of the path, 1 the oldest. Without: the newest.',
        example: 5,
      }),
      revision: z
        .string()
        .regex(/^[0-9a-f]{6,32}$/, {
          error: (issue) => badFormat(issue, "6 to 32 hexadecimal digits in lower case were expected"),
        })
        .optional()
        .meta({
          description: 'With "path": a version by leading digits of its revision.',
          example: "0e4b563b",
        }),
      override: z.string().optional().meta({
        description: 'With "id": the path in the archive, instead of the object\'s own.',
        example: "/my/custom/path/myfile.zip",
      }),
    },
    { error: unknownKey([...selectors, ...extras]) },
  )
  .superRefine((item, context) => {
    const refuse = (message: string, path: string[] = []) =>
      context.addIssue({ code: "custom", message, path });
    const [selector, ...others] = selectors.filter((name) => item[name] !== undefined);
    if (selector === undefined || others.length > 0) {
      const found = selector === undefined ? "none of them" : [selector, ...others].join(" and ");
      return refuse(`exactly one of "folder", "id" and "path" was expected, and there is ${found}`);
    }
    const misplaced = extras.find((name) => item[name] !== undefined && selectorOf[name] !== selector);
    if (misplaced !== undefined)
      return refuse(`this goes with "${selectorOf[misplaced]}" only, and here is "${selector}"`, [misplaced]);
    if (item.version !== undefined && item.revision !== undefined)
      refuse('"version" and "revision" can not stand together; give one of them');
  })
  .meta({
    id: "CreateItem",
    description:
      'Exactly one of "folder", "id" and "path"; "override" goes with "id" only, "version" or "revision" with "path" ' +
      "only.",
    oneOf: selectors.map((selector) => ({ required: [selector] })),
    dependentRequired: Object.fromEntries(extras.map((name) => [name, [selectorOf[name]]])),
    not: { required: ["version", "revision"] },
  });

/** The body of a `POST /v2/zipball`. */
export const createRequest = z
  .strictObject(
    {
      objects: z
        .array(createItem, { error: noList })
        .min(1, { error: "the list is empty; name at least one object or folder" })
        .meta({ description: "Objects and folders to be in the archive." }),
      ...wishKeys,
    },
    { error: unknownKey(["objects", ...Object.keys(wishKeys)]) },
  )
  .meta({ id: "CreateRequest", description: "What `POST /v2/zipball` asks for.", not: notTogether });

export type CreateItem = z.output<typeof createItem>;
