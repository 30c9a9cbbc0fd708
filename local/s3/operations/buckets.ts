import { z } from "zod";
import { bucketOf, type Context, type Operation } from "../context.ts";
import { S3Error } from "../errors.ts";
import { owner } from "../owner.ts";
import { readDocument } from "../payload.ts";
import { xmlReply } from "../reply.ts";
import { malformedXml, parseXml, xmlDocument } from "../xml.ts";

const mostDocumentBytes = 64 * 1024;

/** ListBuckets. */
export const listBuckets: Operation = ({ store }) => {
  const buckets = store.buckets
    .all()
    .map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt.toISOString() }));
  return xmlReply(xmlDocument("ListAllMyBucketsResult", { Owner: owner, Buckets: { Bucket: buckets } }));
};

const createBucketDocument = z.object({ LocationConstraint: z.string().optional() }).or(z.literal(""));

/** CreateBucket. us-east-1 forgives creating one's own bucket again, as it does in AWS. */
export const createBucket: Operation = async (context) => {
  const { request, store, now, region } = context;
  const name = request.bucket ?? "";
  checkBucketName(name);
  const document = await readDocument(context.payload(), mostDocumentBytes);
  checkLocation(region, locationConstraint(document));
  if (store.buckets.find(name) === undefined) {
    store.commit(() => store.buckets.create(name, now()));
  } else if (region !== "us-east-1") {
    throw new S3Error(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
      { details: { BucketName: name } },
    );
  }
  return { status: 200, headers: { location: `/${name}` } };
};

/** HeadBucket. */
export const headBucket: Operation = (context) => {
  bucketOf(context);
  return { status: 200, headers: { "x-amz-bucket-region": context.region } };
};

/** DeleteBucket. Uploads that were never completed do not hold it, and go with it. */
export const deleteBucket: Operation = (context) => {
  const { store } = context;
  const bucket = bucketOf(context);
  if (store.versions.hasAny(bucket)) {
    const message = "The bucket you tried to delete is not empty";
    throw new S3Error("BucketNotEmpty", message, { details: { BucketName: bucket.name } });
  }
  store.commit(() => {
    const everything = { from: "", until: undefined };
    for (const upload of [...store.uploads.scan(bucket, everything, 0)]) store.uploads.remove(upload);
    store.buckets.remove(bucket);
  });
  return { status: 204 };
};

/** GetBucketLocation: us-east-1 has no name here. */
export const getBucketLocation: Operation = (context) => {
  bucketOf(context);
  const { region } = context;
  const document = xmlDocument("LocationConstraint", {});
  return xmlReply(region === "us-east-1" ? document : document.replace("></", `>${region}</`));
};

/** GetBucketVersioning: nothing for a bucket that was never versioned. */
export const getBucketVersioning: Operation = (context) => {
  const { versioning } = bucketOf(context);
  const status = versioning === "Unversioned" ? {} : { Status: versioning };
  return xmlReply(xmlDocument("VersioningConfiguration", status));
};

const versioningDocument = z.object({
  Status: z.enum(["Enabled", "Suspended"]),
  MfaDelete: z.never().optional(),
});

/** PutBucketVersioning. */
export const putBucketVersioning: Operation = async (context) => {
  bucketOf(context);
  const document = await readDocument(context.payload(), mostDocumentBytes);
  const parsed = versioningDocument.safeParse(parseXml(document.toString(), "VersioningConfiguration"));
  if (!parsed.success) {
    throw new S3Error("IllegalVersioningConfigurationException", "The Versioning element must be specified");
  }
  context.store.commit(() => context.store.buckets.setVersioning(bucketOf(context), parsed.data.Status));
  return { status: 200 };
};

/** "General purpose bucket naming rules". */
function checkBucketName(name: string): void {
  const isName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  if (isName && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw new S3Error("InvalidBucketName", "The specified bucket is not valid.", {
    details: { BucketName: name },
  });
}

function locationConstraint(document: Buffer): string | undefined {
  if (document.length === 0) return undefined;
  const parsed = createBucketDocument.safeParse(parseXml(document.toString(), "CreateBucketConfiguration"));
  if (!parsed.success) throw malformedXml();
  return parsed.data === "" ? undefined : parsed.data.LocationConstraint;
}

function checkLocation(region: Context["region"], constraint: string | undefined): void {
  if ((constraint ?? "us-east-1") === region) return;
  throw new S3Error(
    "IllegalLocationConstraintException",
    `The ${constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
