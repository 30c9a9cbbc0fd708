import { BallError, type BallErrorCode } from "../../ball/errors.ts";

/** One failure of each kind, as it might be told. */
export function exampleOf(code: BallErrorCode): BallError {
  const [message, at] = examples[code];
  return new BallError(code, message, at === undefined ? {} : { at });
}

type Example = readonly [message: string, at?: string];

const examples: Readonly<Record<BallErrorCode, Example>> = {
  "invalid-request": ["The request body is not JSON (Unexpected end of JSON input)"],
  "request-too-large": ["The request body has 1048577 bytes; 1048576 are the most it may have"],
  unauthorized: ["The access token is invalid"],
  forbidden: ['This token may not read "/secret/a.txt"; ask for a token whose prefixes cover it'],
  "rate-limited": ["This token may make 600 requests in a minute; go on when the next one begins"],
  "source-not-found": ["There is no object /dir/myfile.exe"],
  "version-not-found": ['"/dir/myfile.exe" has no version 5'],
  "revision-ambiguous": [
    'Of "/dir/myfile.exe" versions 2, 5 begin with revision "0e4b56"; give more digits of it, or the version\'s number',
  ],
  "source-archived": ["/dir/myfile.exe is in an archive storage class; restore it first"],
  "source-forbidden": ["S3 does not let this service read /dir/myfile.exe"],
  "too-many-entries": ["More than 100000 files and folders are selected"],
  "archive-too-large": ["The archive would have more bytes than one download can carry"],
  "ball-not-found": ["There is no such ball"],
  "ball-expired": ["This link has expired; ask for a new one"],
  "ball-not-started": ["The download has not begun"],
  "source-changed": ["/dir/myfile.exe is another object now"],
  "source-unreadable": ["S3 went on failing; try again later"],
  "source-corrupt": ["The bytes of /dir/myfile.exe are not those that were promised"],
  "ball-corrupt": ["A stored item of a ball is not what was written"],
};
