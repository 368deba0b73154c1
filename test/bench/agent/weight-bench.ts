import { createServer } from "node:http";
import { startDnsServer } from "../../support/dns-server.ts";
import { listen } from "../../support/listen.ts";
import { needs } from "../../support/needs.ts";
import { community, startSnmpd } from "../../support/snmpd.ts";
import { benchSite } from "../rounds.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { seconds, startAgent } from "./agent-run.ts";
import { makeCard } from "./card.ts";
import { cpuMs, familyOf, residentMib, writtenBytes } from "./usage.ts";

/** Time in which an agent works before it is weighed: it has to reach what it keeps, and to report. */
const workS = 100;
/** Over which writing and idling are measured. Ten reports; what is written more rarely is in them by its share. */
const idleS = 600;

/** A village's agent: all kinds of targets, all of which answer. */
export async function benchWeight(): Promise<Row[]> {
  return [...(await fifty()), ...(await twoThousand()), ...(await idle())];
}

async function fifty(): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  const agent = open.use(await startAgent(await entries(open, 50, 10)));
  await seconds(workS);
  await assertReported(agent.storedRounds());
  return [
    rowOf("memory: 50 targets of all kinds each 10 s, resident", residentMib(agent.pid), "MiB", {
      atMost: 80,
    }),
    rowOf("memory: the same, highest", residentMib(agent.pid, "VmHWM"), "MiB"),
    rowOf("memory: children beside it (fping)", childrenMib(agent.pid), "MiB"),
  ];
}

async function twoThousand(): Promise<Row[]> {
  await using agent = await startAgent(
    Array.from({ length: 2_000 }, (_, index) => ({
      id: `t${index}`,
      site: benchSite,
      role: "device",
      kind: "icmp",
      address: `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
      intervalS: 30,
      timeoutMs: 3_000,
    })),
  );
  await seconds(workS + 60);
  await assertReported(agent.storedRounds());
  return [
    rowOf("memory: 2,000 ICMP targets each 30 s, resident", residentMib(agent.pid), "MiB", { atMost: 130 }),
    rowOf("memory: children beside it (fping)", childrenMib(agent.pid), "MiB"),
  ];
}

async function idle(): Promise<Row[]> {
  await using open = new AsyncDisposableStack();
  const card = open.use(makeCard());
  const agent = open.use(await startAgent(await entries(open, 20, 30), `${card.folder}/agent`));
  const read = () => ({ cpu: cpuMs([agent.pid]), ...writtenBytes(agent.pid), device: card.deviceBytes() });
  await seconds(workS);
  const before = read();
  await seconds(idleS);
  const after = read();
  await assertReported(agent.storedRounds());
  const perHourKb = (bytes: number) => (bytes / idleS) * 3.6;
  return [
    rowOf(
      `disk: 20 targets each 30 s, ${card.name}, an hour`,
      perHourKb(after.dirtied - before.dirtied),
      "kB",
      {
        atMost: 300,
      },
    ),
    ...(after.device === null || before.device === null
      ? []
      : [
          rowOf(
            "disk: the same at the device, journal included",
            perHourKb(after.device - before.device),
            "kB",
          ),
        ]),
    rowOf(
      "disk: given to write(2), with sockets and notes in memory",
      perHourKb(after.given - before.given),
      "kB",
    ),
    rowOf("CPU: 20 targets each 30 s, share of a core", (after.cpu - before.cpu) / idleS / 10, "%", {
      atMost: 0.5,
    }),
  ];
}

async function assertReported(stored: Promise<number>): Promise<void> {
  if ((await stored) === 0) throw new Error("the agent delivered nothing, so its figures say nothing");
}

function childrenMib(pid: number): number {
  return familyOf(pid)
    .slice(1)
    .reduce((sum, child) => sum + residentMib(child), 0);
}

/** Half of them ICMP, a fifth HTTP, the rest DNS, TCP and SNMP. */
async function entries(open: AsyncDisposableStack, count: number, intervalS: number): Promise<object[]> {
  const web = open.use(await listen(createServer((_request, response) => response.end("ok"))));
  const names = open.use(await startDnsServer(() => ({ rcode: 0, addresses: ["192.0.2.7"] })));
  const snmp = needs({ commands: ["snmpd"] }) === null ? open.use(await startSnmpd()) : null;
  const base = { site: benchSite, role: "device", intervalS, timeoutMs: 3_000 };
  const several = (kind: string, share: number, of: (index: number) => object) =>
    Array.from({ length: Math.round(share * count) }, (_, index) => ({
      ...base,
      id: `${kind}-${index + 1}`,
      kind,
      ...of(index),
    }));
  return [
    ...several("icmp", 0.5, (index) => ({ address: `127.0.0.${index + 1}` })),
    ...several("http", 0.2, (index) => ({ url: `http://127.0.0.1:${web.port}/${index}` })),
    ...several("dns", 0.1, (index) => ({ name: `host-${index}.example`, resolver: names.address })),
    ...several("tcp", 0.1, () => ({ address: "127.0.0.1", port: web.port })),
    ...(snmp === null
      ? []
      : several("snmp", 0.1, () => ({
          address: "127.0.0.1",
          port: snmp.port,
          auth: { version: "2c", community },
        }))),
  ];
}
