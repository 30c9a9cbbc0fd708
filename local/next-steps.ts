import type { Stack } from "./stack.ts";

/** What a started stack says: lines that work when they are pasted into a shell, and nothing else to know. */
export function nextSteps({ connection, demoFolder }: Pick<Stack, "connection" | "demoFolder">): string {
  const { api, token, s3 } = connection;
  const objects = [{ folder: `/${demoFolder}` }];
  const boxOrder = JSON.stringify({ items: [{ type: "folder", id: `/${demoFolder}` }] });
  const headers = `-H ${quoted(`Authorization: Bearer ${token}`)} \\
    -H 'Content-Type: application/json'`;
  const orderLink = (order: object) =>
    `LINK=$(curl -sS ${api}/v2/zipball ${headers} -d ${quoted(JSON.stringify(order))} \\
    | sed -E 's/.*"urls":\\{"url":"([^"]+)".*/\\1/'); echo "$LINK"`;
  return `
The API answers on ${api}. In another terminal:

  # one link for everything under /${printable(demoFolder)}
  ${orderLink({ objects })}

  # download it; cut it off with Ctrl-C, and go on from there
  curl -fL --retry 20 -o ball.zip "$LINK"
  curl -LC - -o ball.zip "$LINK"
  unzip -tq ball.zip

  # or fetch it in parallel pieces
  aria2c -x 8 -o pieces.zip "$LINK"

  # or have it assembled inside S3, from where the same link then has it
  ${orderLink({ objects, delivery: "assemble" })}
  curl -fL --retry 20 -o assembled.zip "$LINK"

  # the same in the dialect of Box, whose SDKs work here too
  curl -sS ${api}/2.0/zip_downloads ${headers} -d ${quoted(boxOrder)}; echo

  # look at the bucket, or put more into it
  export AWS_ACCESS_KEY_ID=${s3.accessKeyId} AWS_SECRET_ACCESS_KEY=${quoted(s3.secretAccessKey)} AWS_REGION=${s3.region} AWS_DEFAULT_REGION=${s3.region}
  aws --endpoint-url ${s3.endpoint} s3 ls --recursive s3://${s3.bucket}/

Token: ${token}
Bucket: ${s3.bucket} on ${s3.endpoint}
Ctrl-C stops everything.
`;
}

/** In single quotes for a POSIX shell, whatever it holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** In a comment a line break would begin a command. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}]/gu, "?");
