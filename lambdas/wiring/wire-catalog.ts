import type { S3Client } from "@aws-sdk/client-s3";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Catalog, createCatalog } from "../catalog/catalog.ts";
import { createCatalogStore } from "../storage/dynamodb/catalog-store.ts";
import { createVersionLister } from "../storage/s3/version-lister.ts";

/** The catalog of what S3 has, kept in a DynamoDB table. */
export function wireCatalog(dynamoDb: DynamoDBDocumentClient, s3: S3Client, tableName: string): Catalog {
  return createCatalog({
    store: createCatalogStore(dynamoDb, tableName),
    lister: createVersionLister(s3),
  });
}
