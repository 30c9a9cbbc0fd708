import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import { outside } from "./outside-programs.ts";

/** What the browser tells of a download (Chrome DevTools Protocol, domain Browser). */
const downloadEvent = z.discriminatedUnion("method", [
  z.object({
    method: z.literal("Browser.downloadWillBegin"),
    params: z.object({ guid: z.string(), suggestedFilename: z.string() }),
  }),
  z.object({
    method: z.literal("Browser.downloadProgress"),
    params: z.object({ guid: z.string(), state: z.enum(["inProgress", "completed", "canceled"]) }),
  }),
]);
type DownloadEvent = z.output<typeof downloadEvent>;

/**
 * Follows a link in Chromium, as a click does, and resolves with the file that it saved of it. Everything of the browser's
 * goes into `folder`.
 */
export async function downloadInChromium(link: string, folder: string): Promise<string> {
  const browser = startChromium(folder);
  try {
    const socket = new WebSocket(await debuggerOf(browser));
    await once(socket, "open");
    const ended = downloadEnded(socket);
    const send = (id: number, method: string, params: object) =>
      socket.send(JSON.stringify({ id, method, params }));
    send(1, "Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
    send(2, "Target.createTarget", { url: link });
    return join(folder, await ended);
  } finally {
    if (browser.exitCode === null && browser.kill()) await once(browser, "exit");
  }
}

function startChromium(folder: string): ChildProcess {
  // Root has no sandbox, and a container little shared memory.
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
  ];
  const profile = `--user-data-dir=${join(folder, "profile")}`;
  return spawn(outside("chromium"), [...flags, profile, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** The address it announces. */
async function debuggerOf({ stderr }: ChildProcess): Promise<string> {
  let announced = "";
  for await (const chunk of stderr ?? []) {
    announced += chunk;
    const address = /DevTools listening on (ws:\S+)\n/.exec(announced)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium ended: ${announced}`);
}

/** The name of the first file whose download is over. */
async function downloadEnded(socket: WebSocket): Promise<string> {
  const names = new Map<string, string>();
  return await new Promise((resolve, reject) => {
    const take = ({ method, params }: DownloadEvent) => {
      if (method === "Browser.downloadWillBegin") names.set(params.guid, params.suggestedFilename);
      else if (params.state === "completed") resolve(names.get(params.guid) ?? "");
      else if (params.state === "canceled") reject(new Error("Chromium gave the download up"));
    };
    socket.addEventListener("message", ({ data }) => {
      const event = downloadEvent.safeParse(JSON.parse(String(data)));
      if (event.success) take(event.data);
    });
    socket.addEventListener("close", () => reject(new Error("Chromium closed its socket")));
  });
}
