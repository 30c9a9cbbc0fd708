import { z } from "zod";
import { notTogether, wishKeys } from "../delivery-wish.ts";

/**
 * Box's words on the wire, for what is decoded, encoded and described (the OpenAPI document is made of these). Names
 * and meanings are those of Box's public API; keys that are not known here are let pass, as Box does.
 */

const itemType = z.enum(["file", "folder"]);

/** One selected thing. */
const zipDownloadItem = z
  .object({
    type: itemType.meta({ description: "What the id names." }),
    id: z.string().meta({
      description:
        "The id of an object version (UUIDv4, see the metadata API), or a path; of a folder its path. " +
        'The root folder ("0", "/" or "") can not be downloaded.',
      example: "/reports/2026",
    }),
  })
  .meta({ id: "ZipDownloadItem" });

/** Most characters of a file name, as Box has it. */
const maxFileNameLength = 255;

export const zipDownloadRequest = z
  .object({
    items: z.array(zipDownloadItem).min(1).meta({ description: "Files and folders to be in the archive." }),
    download_file_name: z.string().max(maxFileNameLength).nullish().meta({
      description: "Name the archive is saved under; `.zip` is appended unless it ends so.",
      example: "January Financials",
    }),
    ...wishKeys,
  })
  .meta({
    id: "ZipDownloadRequest",
    description: "What `POST /2.0/zip_downloads` asks for.",
    not: notTogether,
  });

const nameConflict = z
  .object({
    id: z.string().meta({
      description: "The id as it was asked for; of what lies in a selected folder its path.",
      example: "/reports/Report.pdf",
    }),
    type: itemType,
    original_name: z.string().meta({ example: "Report.pdf" }),
    download_name: z.string().meta({ description: "Its name in the archive.", example: "3aa6a7.pdf" }),
  })
  .meta({ id: "NameConflict" });

export const zipDownload = z
  .object({
    download_url: z.url().meta({
      description:
        "Where the archive is, without a token. It works until `expires_at`, and once the download has begun as " +
        "long as `status_url`.",
    }),
    status_url: z.url().meta({
      description:
        "Where the state of the download is. It works from the beginning of the download, for 12 hours unless " +
        "set otherwise.",
    }),
    expires_at: z.iso
      .datetime({ offset: true })
      .meta({ description: "When both addresses stop working, unless the download begins before." }),
    name_conflicts: z.array(z.array(nameConflict).length(2)).meta({
      description:
        "Pairs of items that wanted one name; both were renamed. Of three and more, each further one is paired " +
        "with the first.",
    }),
  })
  .meta({ id: "ZipDownload", description: "A zip download that was made." });

const count = z.int().nonnegative();

export const zipDownloadStatus = z
  .object({
    total_file_count: count.meta({ description: "Files selected, with those that were skipped." }),
    downloaded_file_count: count.meta({
      description:
        "Files sent whole; where the archive is assembled before it is sent, files that are in it.",
    }),
    skipped_file_count: count.meta({ description: "Files that could no longer be read." }),
    skipped_folder_count: count.meta({ description: "Folders of which every file was skipped." }),
    state: z.enum(["in_progress", "failed", "succeeded"]),
    failure: z.string().optional().meta({
      description: "What broke the download off, where that has happened. Not of Box's API.",
    }),
    total_byte_count: count.optional().meta({
      description:
        "Length of the archive, where it is assembled before it is sent, and known by now. Not of Box's API.",
    }),
    assembled_byte_count: count.optional().meta({
      description:
        "How much of an archive that is assembled before it is sent is made by now; of a compressed one, until it is " +
        "made, bytes of the objects read. Not of Box's API.",
    }),
  })
  .meta({ id: "ZipDownloadStatus", description: "How far a zip download has come." });

export const clientError = z
  .object({
    type: z.literal("error"),
    status: z.int().meta({ description: "The HTTP status.", example: 400 }),
    code: z.string().meta({ description: "One of Box's code words.", example: "bad_request" }),
    message: z.string(),
    context_info: z
      .object({
        reason: z.string().optional().meta({
          description: "The code word of this service, finer than Box's.",
          example: "invalid-request",
        }),
        errors: z
          .array(z.object({ reason: z.string(), name: z.string(), message: z.string() }))
          .optional()
          .meta({ description: "Places in the request, as in `items[0].id`." }),
      })
      .meta({ description: "More about the error." }),
    help_url: z.url(),
    request_id: z.string().meta({ description: "The same as in the header X-Request-Id." }),
  })
  .meta({ id: "ClientError", description: "An error, in Box's form." });

export type ClientError = z.output<typeof clientError>;
export type ZipDownload = z.output<typeof zipDownload>;
export type ZipDownloadItem = z.output<typeof zipDownloadItem>;
export type ZipDownloadStatus = z.output<typeof zipDownloadStatus>;

/** Box's own page on its code words: the ones used here are from there. */
export const helpUrl = "https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/";
