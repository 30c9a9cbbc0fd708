/**
 * The examples of BitPaket's documentation, "Metadata", in what they have of an object of S3. What they have beside that is
 * of BitPaket's own storage: `deploy`, `tags`, `urls`, `media`, `blocks`, and of the properties `description`,
 * `mime_type`, `is_sealed`, `is_secure`, `is_streamable` and `is_block`.
 */

/** "Get metadata by Object ID". */
export const byId = {
  success: true,
  data: {
    object_id: "c644b732-f1ce-4d50-81f9-96884dbcd84d",
    properties: {
      name: "myfile.zip",
      size: 19256,
      size_pretty: "18.8 KB",
      hash: "5129795d6e0aeca2fa56aaa56d71d2e9809c2ad77c14265abcb51fe832105e00",
      hash_type: "SHA256",
      is_versioned: true,
      version: 1,
      revision: "264a7cee61",
      created_on: "2018-07-08T11:19:11Z",
      updated_on: "2018-07-08T11:19:11Z",
      created_on_ts: 1531048751,
      updated_on_ts: 1531048751,
    },
  },
};

/** "Get Object IDs using Object Path". */
export const byPath = {
  request: `{
	"path": "/myfile.zip"
}`,
  response: {
    success: true,
    data: {
      objects: [
        {
          object_id: "45b68a9e-7c65-4e77-a866-9e451d7e9453",
          properties: {
            name: "myfile.zip",
            size: 234,
            size_pretty: "234 B",
            hash: "f12fdbefac4d8144690f4f9a92b58437391f213b82a749b9bb196781e6038374",
            hash_type: "SHA256",
            is_versioned: true,
            version: 2,
            revision: "cc48a5df18",
            created_on: "2018-06-10T19:11:07Z",
            updated_on: "2018-06-10T19:11:07Z",
            created_on_ts: 1528657867,
            updated_on_ts: 1528657867,
          },
        },
        {
          object_id: "7909eb31-0b60-4c81-9871-9e90309591c9",
          properties: {
            name: "myfile.zip",
            size: 234,
            size_pretty: "234 B",
            hash: "f12fdbefac4d8144690f4f9a92b58437391f213b82a749b9bb196781e6038374",
            hash_type: "SHA256",
            is_versioned: true,
            version: 1,
            revision: "7ce8374596",
            created_on: "2018-06-10T19:08:36Z",
            updated_on: "2018-06-10T19:08:36Z",
            created_on_ts: 1528657716,
            updated_on_ts: 1528657716,
          },
        },
      ],
    },
  },
};
