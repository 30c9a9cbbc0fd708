import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { StartProblem } from "./start-problem.ts";

/** What `local.json` says to tests and tools once the stack is ready. */
export interface LocalConnection {
  readonly api: string;
  readonly token: string;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    readonly archivesBucket: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly dynamodb: { readonly endpoint: string; readonly catalogTable: string };
  readonly sqs: {
    readonly endpoint: string;
    readonly objectEventsQueueUrl: string;
    readonly assemblyQueueUrl: string;
    readonly assemblyDeadLettersUrl: string;
  };
}

/** Made once per data folder, at random, and kept: links, tokens and client settings outlive a restart. */
export type Secrets = z.output<typeof secretsSchema>;

/** The folder in which a stack keeps everything, held by one running stack at a time. */
export interface DataFolder {
  readonly path: string;
  readonly secrets: Secrets;
  /** Says that the stack is ready and where, in `local.json`, which appears as a whole. */
  announce(connection: LocalConnection): void;
  /** Lets another stack have the folder. */
  release(): void;
}

/**
 * Takes a data folder, made if absent. A `local.json` of an earlier run is removed: while it is not there, the
 * stack is not ready.
 * Throws: StartProblem when another stack holds the folder, or it can not be written.
 */
export function takeDataFolder(path: string): DataFolder {
  const announcement = join(path, "local.json");
  const lock = openLock(path);
  try {
    rmSync(announcement, { force: true });
    return {
      path,
      secrets: readOrMakeSecrets(join(path, "secrets.json")),
      announce: (connection) => writePrivately(announcement, connection),
      release: () => lock.close(),
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** SQLite's lock, because the kernel lets go of it when a process dies: a file with a process id would stay. */
function openLock(path: string): DatabaseSync {
  let lock: DatabaseSync;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(path, "lock.sqlite"));
  } catch (error) {
    throw new StartProblem(`The data folder ${path} can not be used: ${messageOf(error)}`, { cause: error });
  }
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    const isHeld = messageOf(error).includes("locked");
    const reason = isHeld ? "is in use by another running stack" : `can not be used: ${messageOf(error)}`;
    throw new StartProblem(`The data folder ${path} ${reason}`, { cause: error });
  }
}

function readOrMakeSecrets(file: string): Secrets {
  if (existsSync(file)) return readSecrets(file);
  const secrets: Secrets = {
    accessKeyId: `LOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
    token: randomBytes(24).toString("base64url"),
  };
  writePrivately(file, secrets);
  return secrets;
}

function readSecrets(file: string): Secrets {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new StartProblem(`${file} is not what was written there; delete it to get new secrets`, {
      cause: error,
    });
  }
}

/** By another name first and then renamed, so that no reader sees half of it; for the owner's eyes only. */
function writePrivately(file: string, value: unknown): void {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const secretsSchema = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  token: z.string().min(1),
});
