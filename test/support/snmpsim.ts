import { freeUdpPort } from "./free-port.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "./wait-for.ts";

/** A simulator that serves the recordings of a folder; the community names the recording. */
export interface Snmpsim extends AsyncDisposable {
  port: number;
}

/**
 * Debian's snmpsimd on a free port of the loopback. As root it drops its rights to `nobody`, who then has to own its
 * cache folder. `probe`: sends a question that the simulator answers, true when it did.
 */
export async function startSnmpsim(
  dataFolder: string,
  probe: (port: number) => Promise<boolean>,
): Promise<Snmpsim> {
  const port = await freeUdpPort();
  const cacheFolder = mkdtempSync(join(tmpdir(), "sambung-snmpsim-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(cacheFolder, 65_534, 65_534);
  const child = spawn(
    "snmpsimd",
    [
      `--agent-udpv4-endpoint=127.0.0.1:${port}`,
      `--data-dir=${dataFolder}`,
      `--cache-dir=${cacheFolder}`,
      ...(isRoot ? ["--process-user=nobody", "--process-group=nogroup"] : []),
      "--logging-method=null",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(child, "exit");
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  async function stop(): Promise<void> {
    child.kill("SIGTERM");
    await exited;
    rmSync(cacheFolder, { recursive: true, force: true });
  }
  try {
    // It indexes the recordings at its first start.
    await waitFor(
      "snmpsimd to answer",
      () => {
        if (child.exitCode !== null) throw new Error(`snmpsimd ended: ${log}`);
        return probe(port);
      },
      { timeoutMs: 120_000 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, [Symbol.asyncDispose]: stop };
}
