import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { freeTcpPort } from "../support/free-port.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/** A server of Debian's with an empty folder, that can be killed, stopped and started again on what it has. */
export interface RealServer extends AsyncDisposable {
  url: string;
  start(): Promise<void>;
  /** As a power cut. */
  kill(): Promise<void>;
  folder: string;
  /** Port on which influxd takes backups. */
  rpcPort: number;
}

export async function realServer(
  command: string,
  argv: (of: { folder: string; port: number; rpcPort: number; file: (name: string) => string }) => string[],
  health: string,
): Promise<RealServer> {
  const dir = tempDir();
  const [port, rpcPort] = [await freeTcpPort(), await freeTcpPort()];
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  const server = {
    url,
    folder: dir.path,
    rpcPort,
    async start() {
      child = spawn(command, argv({ folder: dir.path, port, rpcPort, file: dir.file }), { stdio: "ignore" });
      await waitFor(command, async () => (await fetch(url + health)).ok, { everyMs: 50, timeoutMs: 60_000 });
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    async [Symbol.asyncDispose]() {
      await server.kill();
      dir[Symbol.dispose]();
    },
  };
  await server.start();
  return server;
}

/** `settlesS`: after so long without writes it packs what it has for good. Default: as it comes, ten minutes and hours. */
export const startInfluxd = ({
  auth = false,
  settlesS,
}: { auth?: boolean; settlesS?: number } = {}): Promise<RealServer> =>
  realServer(
    "influxd",
    ({ folder, port, rpcPort, file }) => {
      writeFileSync(
        file("influxdb.conf"),
        `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
${settlesS === undefined ? "" : `cache-snapshot-write-cold-duration = "${settlesS}s"\ncompact-full-write-cold-duration = "${settlesS}s"`}
[http]
bind-address = "127.0.0.1:${port}"
auth-enabled = ${auth}
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
`,
      );
      return ["run", "-config", file("influxdb.conf")];
    },
    "/ping",
  );

export async function influxQl(url: string, query: string, user?: string): Promise<unknown> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    body: new URLSearchParams({ db: "sambung", q: query }),
    ...(user === undefined
      ? {}
      : { headers: { Authorization: `Basic ${Buffer.from(user).toString("base64")}` } }),
  });
  if (!response.ok) throw new Error(`${query}: ${response.status} ${await response.text()}`);
  return response.json();
}

export const startVictoria = (folder?: string): Promise<RealServer> =>
  realServer(
    "victoria-metrics",
    ({ folder: own, port }) => [
      `-storageDataPath=${folder ?? own}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-retentionPeriod=10y",
      "-loggerLevel=ERROR",
    ],
    "/health",
  );
