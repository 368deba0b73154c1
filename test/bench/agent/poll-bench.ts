import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";
import { freeTcpPort } from "../../support/free-port.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { benchSite } from "../rounds.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { seconds, startAgent } from "./agent-run.ts";
import { ending } from "./echo-bench.ts";
import { cpuMs } from "./usage.ts";

/*
 * CPU of one poll of a device with 52 interfaces: a real snmpd in a namespace of its own that has as many. Both read the
 * same facts, the columns below, at two paces: a few times a second, where a good part of a poll is waking up with cold
 * caches, and often, where it is the work itself. snmp_exporter reads all of them each time, as it is made to; the
 * agent reads what changes each time and names and types once an hour, which is its own way to the same facts. The
 * poll alone is the agent's schedule and probe in a process of their own; the whole agent also keeps what it read
 * and reports it.
 */
const interfaceCount = 52;
const everyS = 1;
/** Targets asked every second; all of them are the one device. */
const paces = { few: 4, many: 40 };
const warmS = 15;
const measureS = 60;
const community = "bench";

const ifTable = {
  ifType: 3,
  ifAdminStatus: 7,
  ifOperStatus: 8,
  ifInDiscards: 13,
  ifInErrors: 14,
  ifOutDiscards: 19,
  ifOutErrors: 20,
};
const ifXTable = { ifName: 1, ifHCInOctets: 6, ifHCOutOctets: 10, ifHighSpeed: 15, ifAlias: 18 };
const columns = [
  ...Object.entries(ifTable).map(([name, column]) => ({ name, oid: `1.3.6.1.2.1.2.2.1.${column}` })),
  ...Object.entries(ifXTable).map(([name, column]) => ({ name, oid: `1.3.6.1.2.1.31.1.1.1.${column}` })),
];

export async function benchPolls(): Promise<Row[]> {
  const missing = needs({ root: true, commands: ["ip", "snmpd"] });
  if (missing !== null) throw new Error(`the poll benchmark cannot run: ${missing}`);
  await using device = await startDevice();
  const { few, many } = paces;
  const alone = await pollsAlone(device.address, few);
  const aloneOften = await pollsAlone(device.address, many);
  const whole = await agentPolls(device.address, few);
  const rows = [
    rowOf(`poll: agent's probe alone, 52 interfaces, ${few} a second, CPU`, alone, "ms"),
    rowOf(`poll: agent's probe alone, ${many} a second, CPU`, aloneOften, "ms"),
    rowOf(`poll: whole agent, kept and reported, ${few} a second, CPU`, whole, "ms"),
  ];
  if (needs({ commands: ["prometheus-snmp-exporter"] }) !== null) return rows;
  const theirs = await exporterPolls(device.address, few);
  const theirsOften = await exporterPolls(device.address, many);
  const mark = { atMost: 0.25 };
  return [
    ...rows,
    rowOf(`poll: snmp_exporter, the same facts, ${few} a second, CPU`, theirs, "ms"),
    rowOf(`poll: snmp_exporter, ${many} a second, CPU`, theirsOften, "ms"),
    rowOf(`poll: agent's probe alone ÷ snmp_exporter, ${few} a second`, alone / theirs, "×", mark),
    rowOf(`poll: agent's probe alone ÷ snmp_exporter, ${many} a second`, aloneOften / theirsOften, "×", mark),
    rowOf(`poll: whole agent ÷ snmp_exporter, ${few} a second`, whole / theirs, "×", mark),
  ];
}

/** CPU of a poll, ms; polls are counted by the clock, since all of them are asked for on a grid. */
async function perPoll(pid: number, perSecond: number): Promise<number> {
  await seconds(warmS);
  const before = cpuMs([pid]);
  await seconds(measureS);
  return (cpuMs([pid]) - before) / (measureS * perSecond);
}

const snmpTargets = (address: string, targets: number) =>
  Array.from({ length: targets }, (_, index) => ({
    id: `rt${index}`,
    kind: "snmp",
    address,
    intervalS: everyS,
    timeoutMs: everyS * 900,
    auth: { version: "2c", community },
    profile: "interfaces",
  }));

async function pollsAlone(address: string, targets: number): Promise<number> {
  const program = fileURLToPath(new URL("poll-program.ts", import.meta.url));
  const whole = snmpTargets(address, targets).map((target) => ({ ...target, port: 161, oids: {} }));
  const child = spawn(process.execPath, [program, JSON.stringify(whole)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = once(child.stdout, "data");
  await using running = ending(child);
  await ready;
  const cost = await perPoll(running.pid, targets / everyS);
  if (child.exitCode !== null) throw new Error("a poll was not whole");
  return cost;
}

async function agentPolls(address: string, targets: number): Promise<number> {
  await using agent = await startAgent(
    snmpTargets(address, targets).map((target) => ({ ...target, site: benchSite, role: "device" })),
  );
  const cost = await perPoll(agent.pid, targets / everyS);
  await waitFor("the polls at the collector", async () => (await agent.storedRounds()) > targets * 50, {
    timeoutMs: 90_000,
  });
  return cost;
}

async function exporterPolls(address: string, targets: number): Promise<number> {
  using dir = tempDir();
  const config = dir.file("snmp.yml");
  writeFileSync(config, exporterModule());
  const port = await freeTcpPort();
  const args = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"];
  await using child = ending(spawn("prometheus-snmp-exporter", args, { stdio: "ignore" }));
  const connections = new Agent({ keepAlive: true });
  const scrape = () =>
    new Promise<string>((resolve, reject) => {
      get(
        `http://127.0.0.1:${port}/snmp?module=bench&target=${address}`,
        { agent: connections },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (text: string) => (body += text));
          response.on("end", () => resolve(body)).on("error", reject);
        },
      ).on("error", reject);
    });
  await waitFor("snmp_exporter", scrape, { everyMs: 200 });
  const facts = (await scrape()).match(/^ifHCInOctets\{/gm)?.length ?? 0;
  if (facts < interfaceCount) throw new Error(`snmp_exporter gave ${facts} of ${interfaceCount} interfaces`);
  let failed = 0;
  const timer = setInterval(() => scrape().catch(() => failed++), (everyS * 1_000) / targets);
  try {
    const cost = await perPoll(child.pid, targets / everyS);
    if (failed > 0) throw new Error(`${failed} scrapes of snmp_exporter failed`);
    return cost;
  } finally {
    clearInterval(timer);
    connections.destroy();
  }
}

function exporterModule(): string {
  const isText = (name: string) => name === "ifName" || name === "ifAlias";
  const kindOf = (name: string) =>
    isText(name) ? "DisplayString" : name.includes("Octets") ? "counter" : "gauge";
  return JSON.stringify({
    bench: {
      walk: columns.map(({ oid }) => oid),
      get: ["1.3.6.1.2.1.1.3.0"],
      metrics: [
        { name: "sysUpTime", oid: "1.3.6.1.2.1.1.3", type: "gauge", help: "sysUpTime" },
        ...columns.map(({ name, oid }) => ({
          name,
          oid,
          type: kindOf(name),
          help: name,
          indexes: [{ labelname: "ifIndex", type: "gauge" }],
        })),
      ],
      version: 2,
      auth: { community },
    },
  });
}

/** snmpd in a namespace with 26 pairs of virtual cables, reached over one more. */
async function startDevice(): Promise<{ address: string } & AsyncDisposable> {
  const open = new AsyncDisposableStack();
  const ip = (...args: string[]) => execFileSync("ip", args);
  const tag = `sbb${process.pid.toString(36)}`;
  const dir = open.use(tempDir());
  try {
    ip("netns", "add", tag);
    open.defer(() => void ip("netns", "del", tag));
    ip("link", "add", `${tag}0`, "type", "veth", "peer", "name", "eth0", "netns", tag);
    ip("addr", "add", "10.78.0.1/30", "dev", `${tag}0`);
    ip("link", "set", `${tag}0`, "up");
    const inside = (...args: string[]) => ip("-n", tag, ...args);
    inside("addr", "add", "10.78.0.2/30", "dev", "eth0");
    inside("link", "set", "eth0", "up");
    // The cable to us and the loopback are two of the 52.
    for (let pair = 0; pair < (interfaceCount - 2) / 2; pair++) {
      inside("link", "add", `a${pair}`, "type", "veth", "peer", "name", `b${pair}`);
      inside("link", "set", `a${pair}`, "up");
      inside("link", "set", `b${pair}`, "up");
    }
    const config = dir.file("snmpd.conf");
    writeFileSync(config, `rocommunity ${community}\n`);
    const args = [
      "netns",
      "exec",
      tag,
      "snmpd",
      "-f",
      "-Ln",
      "-C",
      "-c",
      config,
      "-I",
      "-smux",
      "udp:10.78.0.2:161",
    ];
    open.use(
      ending(spawn("ip", args, { stdio: "ignore", env: { ...process.env, SNMP_PERSISTENT_DIR: dir.path } })),
    );
    await seconds(2);
    return { address: "10.78.0.2", [Symbol.asyncDispose]: () => open.disposeAsync() };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}
