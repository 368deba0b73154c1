import { dictionary1Encoding } from "#wire/dictionary-1.ts";
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCollector } from "../../../probes/demo/collector.ts";
import { createDoor } from "../../../probes/demo/door.ts";
import { createTransport } from "../../../probes/transport.ts";
import { freeTcpPort } from "../../support/free-port.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { ending } from "../agent/echo-bench.ts";
import { writeInventory } from "../collector-parts.ts";

/** A server under load, as a process of its own with an empty folder. */
export interface Server extends AsyncDisposable {
  pid: number;
  address: string;
  /** Path and headers of a request that brings the rounds of a site. */
  request: (site: number) => { path: string; headers: Record<string, string> };
  /** Rounds that it has, as it says when asked. */
  storedRounds(): Promise<number>;
  /** Bytes of its data on the disk, once all is flushed and merged. Nothing can be sent to it after that. */
  diskBytes(): Promise<number>;
}

export interface Sambung extends Server {
  /** Agent of each site. */
  agents: readonly string[];
  /** Outages that it found. */
  outages(): Promise<number>;
}

/** Our collector with an agent enrolled at each site, everything on. */
export async function startSambung(
  sitesCsv: string,
  targets: readonly object[],
  sites: readonly string[],
): Promise<Sambung> {
  const open = new AsyncDisposableStack();
  const dir = open.use(tempDir());
  try {
    writeInventory(dir.file("inventory"), sitesCsv, targets);
    const collector = await startCollector({ folder: dir.path, listen: "127.0.0.1:0" });
    open.defer(() => collector.stop());
    const stopping = new AbortController();
    const admin = createDoor(collector.address, () => collector.adminKey, stopping.signal);
    open.defer(() => admin.close());
    const identities: { agentId: string; key: string }[] = [];
    for (const site of sites) {
      const { data } = (await admin.post("/api/v1/agents/tokens", { site })) as { data: { token: string } };
      identities.push(await admin.enrol(data.token));
    }
    const rowsOf = async (path: string) =>
      ((await admin.get(path)) as { data: Record<string, unknown>[] }).data;
    return {
      pid: collector.pid,
      address: collector.address,
      agents: identities.map(({ agentId }) => agentId),
      request: (site) => ({
        path: "/api/v1/batches",
        headers: {
          authorization: `Bearer ${identities[site]!.key}`,
          "content-type": "application/json",
          "content-encoding": dictionary1Encoding,
        },
      }),
      async storedRounds() {
        const agents = (await rowsOf("/api/v1/agents")) as { storedRounds?: number }[];
        return agents.reduce((sum, { storedRounds }) => sum + (storedRounds ?? 0), 0);
      },
      outages: async () =>
        (await rowsOf(`/api/v1/outages?from=${Date.now() - 86_400_000}&to=${Date.now()}`)).length,
      async diskBytes() {
        await collector.stop();
        return bytesBelow(dir.file("collector"));
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

/** VictoriaMetrics as its package has it, with its own defaults. */
export async function startVictoria(): Promise<Server> {
  const open = new AsyncDisposableStack();
  const dir = open.use(tempDir());
  const port = await freeTcpPort();
  const address = `http://127.0.0.1:${port}`;
  const args = [`-storageDataPath=${dir.path}`, `-httpListenAddr=127.0.0.1:${port}`, "-retentionPeriod=12"];
  const child = open.use(
    ending(spawn("victoria-metrics", [...args, "-loggerLevel=ERROR"], { stdio: "ignore" })),
  );
  try {
    const get = (path: string) => ask(address, "GET", path);
    await waitFor("victoria-metrics", () => get("/health"), { everyMs: 100 });
    return {
      pid: child.pid,
      address,
      request: () => ({ path: "/write?db=bench&precision=ms", headers: { "content-encoding": "gzip" } }),
      async storedRounds() {
        await get("/internal/force_flush");
        const answer = JSON.parse(
          await get("/api/v1/query?nocache=1&query=sum(count_over_time(icmp_sent[1d]))"),
        ) as {
          data: { result: { value: [number, string] }[] };
        };
        return Number(answer.data.result[0]?.value[1] ?? 0);
      },
      async diskBytes() {
        await get("/internal/force_flush");
        await get("/internal/force_merge");
        await waitFor("the end of the merge", async () =>
          /^vm_active_force_merges 0$/m.test(await get("/metrics")),
        );
        return bytesBelow(join(dir.path, "data")) + bytesBelow(join(dir.path, "indexdb"));
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

/** influxd with its own defaults, and for the figure of the disk once more with caches that are written out at once. */
export async function startInflux(): Promise<Server> {
  const open = new AsyncDisposableStack();
  const dir = open.use(tempDir());
  const port = await freeTcpPort();
  const rpcPort = await freeTcpPort();
  const address = `http://127.0.0.1:${port}`;
  const start = async (more: string) => {
    const config = dir.file("influxdb.conf");
    writeFileSync(config, influxConfig({ folder: dir.path, port, rpcPort, more }));
    const child = ending(spawn("influxd", ["run", "-config", config], { stdio: "ignore" }));
    await waitFor("influxd", async () => (await ask(address, "GET", "/ping")) === "", { everyMs: 100 });
    return child;
  };
  let child = await start("");
  open.defer(async () => child[Symbol.asyncDispose]());
  try {
    await ask(address, "POST", "/query?q=CREATE%20DATABASE%20bench");
    return {
      pid: child.pid,
      address,
      request: () => ({ path: "/write?db=bench&precision=ms", headers: { "content-encoding": "gzip" } }),
      async storedRounds() {
        const answer = JSON.parse(
          await ask(address, "GET", "/query?db=bench&q=SELECT%20count(sent)%20FROM%20icmp"),
        ) as {
          results: { series?: { values: [string, number][] }[] }[];
        };
        return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
      },
      async diskBytes() {
        await child[Symbol.asyncDispose]();
        child = await start(
          'cache-snapshot-write-cold-duration = "1s"\ncompact-full-write-cold-duration = "1s"',
        );
        return waitFor("influxd to write out and merge its cache", () => settledBytes(address), {
          everyMs: 3_000,
          timeoutMs: 120_000,
        });
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

/** Bytes of its TSM files; null while something waits in a cache, or is being merged. The series file is set aside ahead. */
async function settledBytes(address: string): Promise<number | null> {
  const vars = JSON.parse(await ask(address, "GET", "/debug/vars")) as Record<
    string,
    { values?: Record<string, number> }
  >;
  const sum = (part: string, value: RegExp) =>
    Object.entries(vars)
      .filter(([name]) => name.startsWith(`${part}:`))
      .flatMap(([, { values = {} }]) => Object.entries(values))
      .reduce((total, [name, count]) => total + (value.test(name) ? count : 0), 0);
  const busy = sum("tsm1_cache", /^memBytes$/) + sum("tsm1_engine", /(Active|Queue)$/);
  return busy === 0 ? sum("tsm1_filestore", /^diskBytes$/) : null;
}

function influxConfig(of: { folder: string; port: number; rpcPort: number; more: string }): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${of.rpcPort}"
[meta]
dir = "${of.folder}/meta"
[data]
dir = "${of.folder}/data"
wal-dir = "${of.folder}/wal"
query-log-enabled = false
${of.more}
[http]
bind-address = "127.0.0.1:${of.port}"
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
`;
}

async function ask(server: string, method: "GET" | "POST", path: string): Promise<string> {
  const transport = createTransport({ server, userAgent: "sambung-bench" });
  try {
    const response = await transport.send({
      method,
      path,
      timeoutMs: 60_000,
      signal: AbortSignal.timeout(60_000),
    });
    if (response.status >= 300) throw new Error(`${path}: ${response.status} ${response.body}`);
    return response.body;
  } finally {
    transport.close();
  }
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Debian's packages of the peers: their commands and, where installed, the version. */
export const peers = {
  victoria: { command: "victoria-metrics", debian: "victoria-metrics", start: startVictoria },
  influx: { command: "influxd", debian: "influxdb", start: startInflux },
} as const;
export type Peer = keyof typeof peers;

/** Version of a peer's package; null where it is not installed. */
export function versionOf(peer: Peer): string | null {
  const { command, debian } = peers[peer];
  if (needs({ commands: [command] }) !== null) return null;
  return execFileSync("dpkg-query", ["-W", "-f", "${Version}", debian], { encoding: "utf8" });
}
