import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Turns the last bit of the one stored body that has these bytes, behind S3's back; answers what turns it back. */
export function corruptStoredBody(dataDir: string, body: Buffer): () => void {
  const folder = join(dataDir, "s3", "bodies");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  const path = paths.find((candidate) => readFileSync(candidate).equals(body));
  if (path === undefined) throw new Error("No stored body has these bytes");
  const turned = Buffer.from(body);
  turned.writeUInt8(turned.readUInt8(body.length - 1) ^ 1, body.length - 1);
  writeFileSync(path, turned);
  return () => writeFileSync(path, body);
}
