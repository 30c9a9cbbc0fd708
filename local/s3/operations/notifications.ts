import { bucketOf, type Operation } from "../context.ts";
import { notImplemented } from "../errors.ts";
import { readDocument } from "../payload.ts";
import { xmlReply } from "../reply.ts";
import { parseXml, xmlDocument } from "../xml.ts";

const mostDocumentBytes = 64 * 1024;

/** GetBucketNotificationConfiguration: nothing for a bucket that tells nobody. */
export const getBucketNotification: Operation = (context) => {
  const { sendsEvents } = bucketOf(context);
  const configuration = sendsEvents ? { EventBridgeConfiguration: "" } : {};
  return xmlReply(xmlDocument("NotificationConfiguration", configuration));
};

/**
 * PutBucketNotificationConfiguration: puts the whole configuration in place of the former. EventBridge is the one
 * destination of this server.
 */
export const putBucketNotification: Operation = async (context) => {
  bucketOf(context);
  const document = await readDocument(context.payload(), mostDocumentBytes);
  const configuration = parseXml(document.toString(), "NotificationConfiguration");
  const destinations = elementsOf(configuration);
  if (destinations.some((name) => name !== "EventBridgeConfiguration")) throw notImplemented();
  const { store } = context;
  store.commit(() => store.buckets.setSendsEvents(bucketOf(context), destinations.length > 0));
  return { status: 200 };
};

function elementsOf(parsed: unknown): string[] {
  if (typeof parsed !== "object" || parsed === null) return [];
  return Object.keys(parsed).filter((name) => name !== "#text");
}
