import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

/** What the figures were taken on, and when. */
export function describeMachine({ scale, rounds }: { scale: number; rounds: number }): string {
  const cores = cpus();
  const load = loadavg()[0] ?? 0;
  return (
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, Node ${process.version}, ` +
    `${platform()} ${release()} ${arch()}, ${cores.length} cores (${cores[0]?.model ?? "unknown"}), ` +
    `${(totalmem() / 1e9).toFixed(0)} GB, load before the start ${load.toFixed(1)}, scale ${scale}, rounds ${rounds}. MB = 10⁶ bytes.`
  );
}
