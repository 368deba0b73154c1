import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { freeTcpPort } from "../../support/free-port.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { benchSite } from "../rounds.ts";
import { rowOf } from "../table.ts";
import type { Row } from "../table.ts";
import { seconds, startAgent } from "./agent-run.ts";
import { cpuMs } from "./usage.ts";

/*
 * CPU of one echo, 500 targets of the loopback asked once a second. fping alone sends, waits and prints; its cheapest
 * way is the measure. Ours is the whole
 * agent: fping's children, the reading of their lines, rounds, spool and reports. blackbox_exporter is asked for
 * each probe over a kept connection, as Prometheus asks it; who asks is not counted.
 */
const targets = Array.from(
  { length: 500 },
  (_, index) => `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
);
const measureS = 60;
const warmS = 15;

export async function benchEchoes(): Promise<Row[]> {
  const alone = await fpingAlone(0);
  const spread = await fpingAlone(1);
  const ours = await agentEchoes(10);
  const single = await agentEchoes(1);
  const blackbox = await blackboxEchoes();
  const us = (value: number) => value * 1_000;
  const rows = [
    rowOf("echo: fping alone, all targets in a row (-i 0), CPU", us(alone), "µs"),
    rowOf("echo: fping alone, a target each millisecond (-i 1), CPU", us(spread), "µs"),
    rowOf("echo: agent, rounds of 10 echoes, CPU", us(ours), "µs"),
    rowOf("echo: agent, rounds of 10, ÷ fping alone", ours / alone, "×", { atMost: 2 }),
    rowOf("echo: agent, a round each echo, CPU", us(single), "µs"),
    rowOf("echo: agent, a round each echo, ÷ fping alone", single / alone, "×", { atMost: 2 }),
  ];
  if (blackbox === null) return rows;
  return [
    ...rows,
    rowOf("echo: blackbox_exporter, CPU", us(blackbox), "µs"),
    rowOf("echo: agent, rounds of 10, ÷ blackbox_exporter", ours / blackbox, "×", { atMost: 0.1 }),
    rowOf("echo: agent, a round each echo, ÷ blackbox_exporter", single / blackbox, "×", { atMost: 0.1 }),
  ];
}

/** CPU over the time of measuring, ms per echo. `sent`: echoes so far; by default those that the clock asks for. */
async function perEcho(
  pid: number,
  sent: () => number = () => (targets.length * performance.now()) / 1_000,
): Promise<number> {
  await seconds(warmS);
  const [cpuBefore, sentBefore] = [cpuMs([pid]), sent()];
  await seconds(measureS);
  return (cpuMs([pid]) - cpuBefore) / (sent() - sentBefore);
}

async function fpingAlone(intervalMs: number): Promise<number> {
  using dir = tempDir();
  const file = dir.file("targets");
  writeFileSync(file, `${targets.join("\n")}\n`);
  const args = ["-l", "-p", "1000", "-i", String(intervalMs), "-t", "900", "-f", file];
  await using child = ending(spawn("fping", args, { stdio: "ignore" }));
  return await perEcho(child.pid);
}

async function agentEchoes(count: number): Promise<number> {
  await using agent = await startAgent(
    targets.map((address, index) => ({
      id: `t${index}`,
      site: benchSite,
      role: "device",
      kind: "icmp",
      address,
      intervalS: count,
      timeoutMs: 900,
      count,
    })),
  );
  const cost = await perEcho(agent.pid);
  // Reports come each minute: what was measured before the last one has to be there.
  await waitFor(
    "the rounds at the collector",
    async () => (await agent.storedRounds()) > (targets.length * 20) / count,
    {
      timeoutMs: 90_000,
    },
  );
  return cost;
}

async function blackboxEchoes(): Promise<number | null> {
  if (needs({ commands: ["prometheus-blackbox-exporter"] }) !== null) return null;
  using dir = tempDir();
  const config = dir.file("blackbox.yml");
  writeFileSync(
    config,
    "modules: {icmp: {prober: icmp, timeout: 900ms, icmp: {preferred_ip_protocol: ip4}}}\n",
  );
  const port = await freeTcpPort();
  const args = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"];
  await using child = ending(spawn("prometheus-blackbox-exporter", args, { stdio: "ignore" }));
  const connections = new Agent({ keepAlive: true, maxSockets: 50 });
  const ask = (address: string) =>
    new Promise<string>((resolve, reject) => {
      const url = `http://127.0.0.1:${port}/probe?module=icmp&target=${address}`;
      get(url, { agent: connections }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => resolve(body)).on("error", reject);
      }).on("error", reject);
    });
  await waitFor("blackbox_exporter", () => ask(targets[0]!), { everyMs: 200 });
  let failed = 0;
  let at = 0;
  // One target every 2 ms on average, so that each comes once a second.
  const timer = setInterval(() => {
    for (let i = 0; i < 5; i++) {
      const address = targets[at++ % targets.length]!;
      ask(address).then(
        (body) => void (body.includes("\nprobe_success 1") || failed++),
        () => failed++,
      );
    }
  }, 10);
  try {
    const cost = await perEcho(child.pid, () => at);
    if (failed > at / 100) throw new Error(`${failed} of ${at} probes of blackbox_exporter failed`);
    return cost;
  } finally {
    clearInterval(timer);
    connections.destroy();
  }
}

export function ending(child: ChildProcess): { pid: number } & AsyncDisposable {
  const ended = once(child, "exit");
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
