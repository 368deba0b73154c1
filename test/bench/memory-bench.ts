import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { startCollector } from "../../probes/demo/collector.ts";
import { createDoor } from "../../probes/demo/door.ts";
import { startDnsServer } from "../support/dns-server.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { community, startSnmpd } from "../support/snmpd.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeBenchInventory } from "./collector-parts.ts";
import { benchSite } from "./rounds.ts";
import { rowOf } from "./table.ts";
import type { Row } from "./table.ts";

/** Time in which the agent works before it is weighed: it has to reach what it keeps. */
const workMs = 65_000;
const agentProgram = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
const mebibytes = 1024;

/** A real agent with 20 targets every 10 s on the loopback, reporting to a real collector. */
export async function benchMemory(): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  const dir = open.use(tempDir());
  const web = open.use(await listen(createServer((_request, response) => response.end("ok"))));
  const names = open.use(await startDnsServer(() => ({ rcode: 0, addresses: ["192.0.2.7"] })));
  const hasSnmpd = needs({ commands: ["snmpd"] }) === null;
  const snmpPort = hasSnmpd ? open.use(await startSnmpd()).port : null;
  const entries = targetEntries(web.port, names.address, snmpPort);
  writeBenchInventory(dir.file("inventory"), entries);
  const collector = await startCollector({ folder: dir.path, listen: "127.0.0.1:0" });
  open.defer(() => collector.stop());
  const stopping = new AbortController();
  const admin = createDoor(collector.address, () => collector.adminKey, stopping.signal);
  open.defer(() => admin.close());
  const { data } = (await admin.post("/api/v1/agents/tokens", { site: benchSite })) as {
    data: { token: string };
  };
  const args = ["run", "--server", collector.address, "--data", dir.file("agent"), "--token", data.token];
  const agent = spawn(process.execPath, [agentProgram, ...args], { stdio: "ignore" });
  const ended = once(agent, "exit");
  open.defer(async () => {
    agent.kill("SIGTERM");
    await ended;
  });
  await new Promise((resolve) => setTimeout(resolve, workMs));
  const stored = await storedRounds(admin);
  if (stored === 0) throw new Error("the agent delivered nothing, so its memory says nothing");
  const label = `agent, ${entries.length} targets each 10 s${hasSnmpd ? "" : " (no SNMP: snmpd is not installed)"}`;
  return [
    rowOf(`${label}, resident after ${workMs / 1000} s`, statusOf(agent.pid!, "VmRSS"), "MiB", {
      atMost: 90,
    }),
    rowOf(`${label}, peak`, statusOf(agent.pid!, "VmHWM"), "MiB", { atMost: 90 }),
    rowOf(`${label}, rounds that arrived`, stored, ""),
  ];
}

async function storedRounds(admin: ReturnType<typeof createDoor>): Promise<number> {
  const { data } = (await admin.get("/api/v1/agents")) as { data: { storedRounds?: number }[] };
  return data[0]?.storedRounds ?? 0;
}

/** A value of proc_pid_status(5), given there in kB. */
function statusOf(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line![1]) / mebibytes;
}

function targetEntries(webPort: number, resolver: string, snmpPort: number | null): object[] {
  const base = { site: benchSite, role: "device", intervalS: 10, timeoutMs: 3_000 };
  const several = (kind: string, count: number, of: (index: number) => object) =>
    Array.from({ length: count }, (_, index) => ({
      ...base,
      id: `${kind}-${index + 1}`,
      kind,
      ...of(index),
    }));
  return [
    ...several("icmp", 10, (index) => ({ address: `127.0.0.${index + 1}` })),
    ...several("http", 4, (index) => ({ url: `http://127.0.0.1:${webPort}/${index}` })),
    ...several("dns", 3, (index) => ({ name: `host-${index}.example`, resolver })),
    ...(snmpPort === null
      ? []
      : several("snmp", 3, () => ({
          address: "127.0.0.1",
          port: snmpPort,
          auth: { version: "2c", community },
        }))),
  ];
}
