/**
 * Extensions of what is compressed already: deflating it takes as long as the worst of all and saves next to nothing.
 * Only types that nearly always are: a PDF or a TIFF may be either way, and deflating one that is compressed costs time
 * alone.
 */
const extensions = new Set([
  ...["jpg", "jpeg", "jfif", "png", "apng", "gif", "webp", "heic", "heif", "avif", "jxl", "jp2"],
  ...["mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "flv", "3gp", "mpg", "mpeg", "mts", "m2ts"],
  ...["mp3", "m4a", "aac", "ogg", "oga", "ogv", "opus", "flac", "wma", "ac3"],
  ...["zip", "zipx", "7z", "rar", "cab"],
  ...["gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "tzst", "lz4", "lzma", "br"],
  // Zips by another name.
  ...["jar", "war", "ear", "apk", "aab", "ipa", "xpi", "whl", "nupkg", "kmz", "usdz", "3mf", "epub"],
  ...["docx", "docm", "xlsx", "xlsm", "xlsb", "pptx", "pptm", "odt", "ods", "odp", "odg"],
  ...["deb", "rpm", "woff", "woff2", "gpg", "age"],
]);

/** Whether an entry of that name is stored rather than deflated: told by its extension, in whatever case. */
export function isCompressedType(name: string): boolean {
  const fileName = name.slice(name.lastIndexOf("/") + 1);
  const dot = fileName.lastIndexOf(".");
  return dot > 0 && extensions.has(fileName.slice(dot + 1).toLowerCase());
}
