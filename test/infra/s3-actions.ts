/** A request to S3, its bucket in the path. */
export interface RequestToS3 {
  readonly method: string;
  readonly url: URL;
  /** What is copied: `/bucket/key`, maybe with a version. */
  readonly copySource?: URL | undefined;
}

/**
 * The IAM actions that a request needs, each with its bucket, as in `s3:GetObject zipball-demo`.
 * Source: S3 API reference, the permissions of each operation; user guide, "Multipart upload API and permissions".
 */
export function actionsOfS3({ method, url, copySource }: RequestToS3): string[] {
  const [bucket, key] = url.pathname.split("/").filter((segment) => segment !== "");
  const of = key === undefined ? actionsOnBucket : actionsOnObject;
  const actions = of(method, url.searchParams).map((action) => `s3:${action} ${bucket}`);
  return copySource === undefined
    ? actions
    : [...actions, ...actionsOfS3({ method: "GET", url: copySource })];
}

function actionsOnBucket(method: string, query: URLSearchParams): string[] {
  if (query.has("delete")) return ["DeleteObject"];
  if (method !== "GET") return [`${method} ${query}`];
  if (query.has("uploads")) return ["ListBucketMultipartUploads"];
  return [query.has("versions") ? "ListBucketVersions" : "ListBucket"];
}

function actionsOnObject(method: string, query: URLSearchParams): string[] {
  const isOfUpload = query.has("uploadId");
  const object = query.has("versionId") ? "ObjectVersion" : "Object";
  switch (method) {
    case "PUT":
    case "POST":
      return ["PutObject"];
    case "DELETE":
      return [isOfUpload ? "AbortMultipartUpload" : `Delete${object}`];
    default:
      if (isOfUpload) return ["ListMultipartUploadParts"];
      return [`Get${object}`, ...(query.has("attributes") ? [`Get${object}Attributes`] : [])];
  }
}
