import { BallError, type BallErrorCode } from "../../ball/errors.ts";

/** One failure of each kind, as it might be told. */
export function exampleOf(code: BallErrorCode): BallError {
  const [message, retryAfterSeconds] = examples[code];
  return new BallError(code, message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

type Example = readonly [message: string, retryAfterSeconds?: number];

const examples: Readonly<Record<BallErrorCode, Example>> = {
  "invalid-request": ["The request body is not JSON (Unexpected end of JSON input)"],
  "request-too-large": ["The request body has 1048577 bytes; 1048576 are the most it may have"],
  unauthorized: ["The access token is invalid"],
  forbidden: ['This token may not read "/secret/a.txt"; ask for a token whose prefixes cover it'],
  "rate-limited": ["This token may make 600 requests in a minute; go on when the next one begins"],
  "source-not-found": ['There is no object "/dir/myfile.exe"'],
  "version-not-found": ['"/dir/myfile.exe" has no version 5'],
  "revision-ambiguous": [
    'Of "/dir/myfile.exe" versions 2, 5 begin with revision "0e4b56"; give more digits of it, or the version\'s number',
  ],
  "source-archived": [
    'The object "/dir/myfile.exe" is in an archive storage class; restore it, then ask again',
  ],
  "source-forbidden": ['S3 does not let this service read "dir/myfile.exe" in bucket "mypaket"'],
  "too-many-entries": [
    "More than 100000 objects are selected, as many as one ball may have; select fewer, for several balls",
  ],
  "archive-too-large": [
    "The zip would have at least 300000000 bytes, and 199900000 are the most one streamed download can carry here; " +
      'leave "delivery" out, and it is assembled, or select less',
  ],
  "ball-not-found": ["There is no such ball"],
  "ball-expired": ["This link has expired; ask for a new one"],
  "ball-not-started": ["The download has not begun; there is a status once it has"],
  "archive-not-ready": ["The zip is still being assembled; ask again", 15],
  "assembly-failed": [
    'The zip could not be assembled: "dir/myfile.exe" is no longer the object this ball was made of',
  ],
  "archive-unwritable": ["S3 went on failing when this service was to write an archive"],
  "archive-unreadable": ["No link to the zip can be made now; ask again"],
  "upload-gone": ["An upload was completed or aborted by another"],
  "source-changed": ['"dir/myfile.exe" is no longer the object this ball was made of'],
  "source-unreadable": [
    'S3 went on failing when this service was to read "dir/myfile.exe" in bucket "mypaket"',
  ],
  "source-corrupt": ['The bytes of "dir/myfile.exe" have CRC-32 0a1b2c3d, but 8f7e6d5c was expected'],
  "ball-corrupt": ["A stored item of a ball is not what was written"],
};
