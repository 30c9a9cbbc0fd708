import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type FaultyProxy, startFaultyProxy } from "../support/faulty-proxy.ts";
import { type Fault, preconditionFailed, resetAt, slowDown } from "../support/faulty-proxy-faults.ts";
import { openResponse, readToEnd } from "./broken-download.ts";
import { patternBytes, startTestStack, type TestStack } from "./test-stack.ts";

const MiB = 1024 * 1024;
/** More than is read ahead: the answer has begun when what is behind it fails. */
const frontBytes = 20 * MiB;
/** A local file header: its fixed fields, the name, and the extra field of the time. */
const headerBytes = (name: string) => 30 + name.length + 9;

const lines: string[] = [];
let proxy: FaultyProxy;
let stack: TestStack;
const faults = new Map<string, Fault>();

beforeAll(async () => {
  // Makes the functions' loggers write through the global console, as they do nothing else in tests.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)));
  proxy = await startFaultyProxy(() => stack.s3Endpoint);
  proxy.choose = ({ key }) => faults.get(key);
  stack = await startTestStack({ variables: { S3_ENDPOINT: proxy.endpoint } });
});
afterAll(async () => {
  await stack.close();
  await proxy.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

interface Broken {
  readonly requestId: string | string[] | undefined;
  readonly receivedBytes: number;
  readonly line: Record<string, unknown>;
  readonly link: string;
}

/** A download that meets the fault at every request for its last object, and the one line that is logged of it. */
async function meet(folder: string, fault: Fault): Promise<Broken> {
  const front = patternBytes(frontBytes, 1);
  await stack.put({ [`${folder}/a.bin`]: front, [`${folder}/in/b.bin`]: patternBytes(MiB, 2) });
  const link = await stack.create([{ folder: `/${folder}` }]);
  faults.set(`${folder}/in/b.bin`, fault);
  const response = await openResponse(link);
  const requestId = response.headers["x-request-id"];
  const { bytes, isWhole } = await readToEnd(response);
  expect({ status: response.statusCode, isWhole }).toEqual({ status: 200, isWhole: false });
  const logged = () => lines.filter((line) => line.includes(`${requestId}`));
  await vi.waitFor(() => expect(logged()).toHaveLength(1));
  return { requestId, receivedBytes: bytes.length, line: JSON.parse(`${logged()[0]}`), link };
}

describe.concurrent("a download that breaks off is logged once, with entry, offset and cause:", () => {
  test.each([
    [slowDown, "source-unreadable", 0, { name: "SlowDown", status: 503 }],
    [preconditionFailed, "source-changed", 0, { name: "PreconditionFailed", status: 412 }],
    [resetAt(1000), "source-unreadable", 1000, { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) }],
  ])(
    "$name",
    async (fault, code, eachHadBytes, cause) => {
      const folder = `${fault.name} ${code}`;
      const { requestId, receivedBytes, line, link } = await meet(folder, fault);
      const key = `${folder}/in/b.bin`;
      const hadBytes = eachHadBytes * proxy.gets.filter((get) => get.key === key).length;
      const offset = headerBytes(`${folder}/a.bin`) + frontBytes + headerBytes(key) + hadBytes;
      const place = { entry: key, key, offset };
      expect(line).toMatchObject({ message: "An answer broke off", requestId, code, ...place });
      expect(line.cause).toMatchObject([cause]);
      expect(receivedBytes).toBeLessThanOrEqual(offset);
      expect(JSON.stringify(line)).not.toContain(new URL(link).pathname.slice(1, -".zip".length));
      expect(JSON.stringify(line)).not.toContain(stack.token);
      // The host reports what the function failed with, which says where to look and no more.
      const reports = stack.failures.filter((failure) => failure.requestId === requestId);
      expect(reports).toMatchObject([{ error: { name: "BrokenOff" } }]);
    },
    60_000,
  );
});
