/** The example of the schema ZipDownload in Box's public OpenAPI document. */
export const zipDownload = {
  download_url:
    "https://dl.boxcloud.com/2.0/zip_downloads/29l00nfxDyHOt7RphI9zT_w==nDnZEDjY2S8iEWWCHEEiptFxwoWojjlibZjJ6geuE5xnXENDTPxzgbks_yY=/content",
  status_url:
    "https://api.box.com/2.0/zip_downloads/29l00nfxDyHOt7RphI9zT_w==nDnZEDjY2S8iEWWCHEEiptFxwoWojjlibZjJ6geuE5xnXENDTPxzgbks_yY=/status",
  expires_at: "2020-07-22T11:26:08Z",
  name_conflicts: [
    [
      { id: "12345", type: "file", original_name: "Report.pdf", download_name: "3aa6a7.pdf" },
      { id: "34325", type: "file", original_name: "Report.pdf", download_name: "5d53f2.pdf" },
    ],
  ],
};

/** What differs from service to service in it. */
export const ofBox = {
  hosts: ["https://dl.boxcloud.com", "https://api.box.com"],
  downloadId: "29l00nfxDyHOt7RphI9zT_w==nDnZEDjY2S8iEWWCHEEiptFxwoWojjlibZjJ6geuE5xnXENDTPxzgbks_yY=",
  fileIds: ["12345", "34325"],
};

/** The examples of its properties that are formats: what is of the same format is as good. */
export const expiresAt = "2019-08-29T23:59:00-07:00";
export const itemTypes = ["file", "folder"];
