import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { AgentTarget, HttpTarget } from "#wire/targets-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { createAgent } from "../../probes/agent.ts";
import { machineClock, readHost } from "../../probes/clock.ts";
import type { Sample } from "../../probes/probe.ts";
import { createTransport } from "../../probes/transport.ts";
import {
  icmp,
  icmpTarget,
  openTestSpool,
  probeOnly,
  quietLog,
  roundNames,
  tempFolder,
} from "../support/agent-parts.ts";
import { startCollectorStub, stubIdentity, stubToken } from "../support/collector-stub.ts";
import { needs } from "../support/needs.ts";

interface AgentTest {
  folder: string;
  server: string;
  token?: string | null;
  probe?: (target: AgentTarget) => Promise<Sample>;
}

function makeAgent({ folder, server, token = stubToken, probe = async () => icmp(1_000) }: AgentTest) {
  return createAgent(
    { folder, token, version: "1.2.3" },
    {
      createInstruments: async () => probeOnly(probe),
      clock: machineClock(),
      host: readHost(),
      transport: createTransport({ server, userAgent: "test" }),
      log: quietLog,
      random: () => 0,
    },
  );
}

const eventsOf = (batches: Iterable<BatchV1>, type: string) =>
  [...batches].flatMap(({ events }) => events).filter((event) => event.type === type);

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

function startChild(file: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [path(file), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

describe("an agent", () => {
  it("enrols once, measures what it is told, and needs no token afterwards", async () => {
    await using collector = await startCollectorStub();
    using folder = tempFolder();
    collector.setConfig({ targets: [icmpTarget("gw"), icmpTarget("rt")], reportIntervalS: 1 });
    const first = makeAgent({ folder: folder.path, server: collector.address });
    await first.start();
    await collector.until("both targets reported", () => {
      const names = [...collector.stored.values()].flatMap(({ rounds }) => rounds.map((r) => r.target));
      return names.includes("gw") && names.includes("rt");
    });
    await first.stop();
    await first.stop();
    const second = makeAgent({ folder: folder.path, server: collector.address, token: null });
    await second.start();
    await collector.until(
      "the second start",
      () => eventsOf(collector.stored.values(), "agent.start").length === 2,
    );
    await second.stop();
    expect(collector.enrolments).toBe(1);
    const starts = eventsOf(collector.stored.values(), "agent.start").map((event) => event.detail);
    expect(starts).toEqual([
      { hostBootChanged: false, cleanStop: true, version: "1.2.3" },
      { hostBootChanged: false, cleanStop: true, version: "1.2.3" },
    ]);
    expect(new Set([...collector.stored.values()].map(({ boot }) => boot)).size).toBe(2);
    const firstBoot = collector.stored.get(1)!.boot;
    const ofFirst = [...collector.stored.values()].filter(({ boot }) => boot === firstBoot);
    expect(ofFirst.every(({ clock }) => clock.synced)).toBe(true);
    expect(statSync(join(folder.path, "spool/identity.json")).mode & 0o077).toBe(0);
  });

  it("says what to do when it has no token, and when its token is refused", async () => {
    await using collector = await startCollectorStub();
    using folder = tempFolder();
    const none = makeAgent({ folder: folder.path, server: collector.address, token: null });
    await expect(none.start()).rejects.toThrow(/not enrolled yet.*--token/);
    await none.stop();
    const wrong = makeAgent({
      folder: folder.path,
      server: collector.address,
      token: `sbe_${"x".repeat(36)}`,
    });
    await expect(wrong.start()).rejects.toThrow(/refused the enrolment: 403 the token was used before/);
    await wrong.stop();
  });

  it("measures behind a dead uplink from its first second, and delivers afterwards", async () => {
    using folder = tempFolder();
    let port: number;
    {
      await using collector = await startCollectorStub();
      port = Number(new URL(collector.address).port);
      collector.setConfig({ targets: [icmpTarget("gw")], reportIntervalS: 1 });
      const agent = makeAgent({ folder: folder.path, server: collector.address });
      await agent.start();
      await collector.until("a round", () => roundNames(collector.stored.values()).length > 0);
      await agent.stop();
    }
    let rounds = 0;
    const probe = async () => icmp(1_000 + rounds++);
    const agent = makeAgent({ folder: folder.path, server: `http://127.0.0.1:${port}`, probe });
    await agent.start();
    while (rounds < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await using collector = await startCollectorStub(port);
    collector.setConfig({ targets: [icmpTarget("gw")], reportIntervalS: 1 });
    await collector.until("the rounds of the cut", () => roundNames(collector.stored.values()).length >= 2);
    await agent.stop();
    const names = roundNames(collector.stored.values());
    expect(names).toHaveLength(rounds);
    expect(new Set(names).size).toBe(rounds);
  });

  it("tells of a probe that is broken once, and of no round", async () => {
    await using collector = await startCollectorStub();
    using folder = tempFolder();
    collector.setConfig({ targets: [icmpTarget("gw"), icmpTarget("bad")], reportIntervalS: 1 });
    let calls = 0;
    const probe = async (target: AgentTarget) => {
      if (target.id === "gw") return icmp(1_000);
      if (calls++ % 2 === 0) throw new Error("no ping on this machine");
      // More replies than requests: the collector would refuse the whole batch around it.
      return { ...icmp(1_000), recv: 2, rttUs: [1, 2] };
    };
    const agent = makeAgent({ folder: folder.path, server: collector.address, probe });
    await agent.start();
    await collector.until("three broken rounds", () => calls >= 3);
    await agent.stop();
    const told = eventsOf(collector.stored.values(), "probe.broken").map((event) => event.detail);
    expect(told).toEqual([{ target: "bad", kind: "icmp", reason: "no ping on this machine", unreported: 0 }]);
    expect(roundNames(collector.stored.values()).some((name) => name.includes("/bad@"))).toBe(false);
  });

  it("reports a target that stops answering at once, whatever the report interval", async () => {
    await using collector = await startCollectorStub();
    using folder = tempFolder();
    collector.setConfig({ targets: [icmpTarget("gw")], reportIntervalS: 3_600 });
    let up = true;
    let rounds = 0;
    const probe = async () => {
      rounds++;
      return icmp(1_000, up);
    };
    const agent = makeAgent({ folder: folder.path, server: collector.address, probe });
    await agent.start();
    const isReported = (recv: number) =>
      [...collector.stored.values()].some(({ rounds }) =>
        rounds.some((columns) => columns.kind === "icmp" && columns.recv.includes(recv)),
      );
    await collector.until("the first report", () => collector.stored.size > 0);
    await collector.until("a round that succeeded", () => rounds > 0);
    up = false;
    await collector.until("the failure", () => isReported(0));
    // An interval of an hour has not passed: the failure came by itself.
    expect(collector.stored.size).toBe(2);
    await agent.stop();
  });
});

describe("an agent that is killed", () => {
  it("has lost nothing that it measured and sends nothing twice", { timeout: 60_000 }, async () => {
    await using collector = await startCollectorStub();
    using folder = tempFolder();
    const witness = join(folder.path, "witness");
    const targets = Array.from({ length: 150 }, (_, i) => icmpTarget(`t${i}`));
    collector.setConfig({ targets, reportIntervalS: 1 });
    // A bad road: of three batches one does not arrive, and of one the answer does not.
    collector.mood = (_batch, requests) =>
      requests % 3 === 0 ? "cut" : requests % 3 === 1 ? "storeThenCut" : null;
    const kills = 5;
    const measured = () => readFileSync(witness, "utf8").trim().split("\n").length;
    for (let i = 0; i < kills; i++) {
      const child = startChild("../support/agent-child.ts", [collector.address, folder.path, witness]);
      const arrived = collector.arrived.length;
      // The kill comes with a batch on its way, at another point of the second each time.
      await collector.until("a batch of this start", () => collector.arrived.length > arrived + (i % 3));
      await new Promise((resolve) => setTimeout(resolve, 170 * i));
      await end(child, "SIGKILL");
    }
    collector.mood = null;
    const before = measured();
    const last = startChild("../support/agent-child.ts", [collector.address, folder.path, witness]);
    const seqs = () => [...collector.stored.keys()].sort((a, b) => a - b);
    const starts = () => eventsOf(collector.stored.values(), "agent.start");
    await collector.until(
      "all of it",
      () =>
        starts().length === kills + 1 &&
        seqs().every((seq, i) => seq === i + 1) &&
        roundNames(collector.stored.values()).length > before,
    );
    expect(await end(last, "SIGTERM")).toBe(0);

    const names = roundNames(collector.stored.values());
    const newest = collector.stored.get(seqs().at(-1)!)!;
    expect(new Set(names).size).toBe(names.length);
    expect(seqs()).toEqual(seqs().map((_, i) => i + 1));
    expect(newest.ledger).toMatchObject({ produced: names.length, thinned: 0, lost: 0 });
    // What the last start had no time to send is still in the spool.
    const spool = openTestSpool(folder.path, machineClock());
    while (spool.compose("backlog") !== null);
    const rest = roundNames(spool.pending().map((seq) => spool.batch(seq, stubIdentity.agentId)));
    spool.close(true);
    expect(new Set([...names, ...rest]).size).toBe(names.length + rest.length);
    // The witness is written before the round goes into the spool: a kill or a stop may fall between the two.
    expect(names.length + rest.length).toBeLessThanOrEqual(measured());
    expect(names.length + rest.length).toBeGreaterThanOrEqual(measured() - (kills + 1));
    expect(starts().filter((event) => event.detail["cleanStop"] === false)).toHaveLength(kills);
  });
});

const missing = needs({ commands: ["ping"] });

describe.skipIf(missing !== null)(
  `sambung-agent as a program${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    it("runs 20 targets with its real probes in less than 90 MB, and stops cleanly", async () => {
      await using collector = await startCollectorStub();
      using folder = tempFolder();
      const closed = "http://127.0.0.1:1/";
      const more = {
        expectStatus: [] as number[],
        expectBody: null,
        maxBodyBytes: 524_288,
        redirects: "any",
        httpVersion: "auto",
        family: null,
        maxRedirects: 0,
        verifyTls: true,
      } as const satisfies Partial<HttpTarget>;
      const targets: AgentTarget[] = Array.from({ length: 10 }, (_, i) => icmpTarget(`icmp${i}`, 2, 1_500));
      for (let i = 0; i < 5; i++) {
        targets.push({ id: `http${i}`, kind: "http", intervalS: 2, timeoutMs: 1_000, url: closed, ...more });
        targets.push({
          id: `snmp${i}`,
          kind: "snmp",
          intervalS: 2,
          timeoutMs: 500,
          address: "127.0.0.1",
          port: 1,
          auth: { version: "2c", community: "public" },
          oids: { sysUpTime: "1.3.6.1.2.1.1.3.0" },
          profile: null,
        });
      }
      collector.setConfig({ targets, reportIntervalS: 1 });
      const child = startChild("../../probes/main.ts", ["run", "--server", collector.address], {
        SAMBUNG_AGENT_DATA: folder.path,
        SAMBUNG_TOKEN: stubToken,
      });
      const reported = () =>
        new Set([...collector.stored.values()].flatMap(({ rounds }) => rounds.map((r) => r.target)));
      await collector.until("a round of each target", () => reported().size === 20);
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const residentMb = Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
      expect(await end(child, "SIGTERM")).toBe(0);
      expect(residentMb).toBeLessThan(90);
      expect([...collector.stored.values()].every(({ agent }) => agent === stubIdentity.agentId)).toBe(true);
    });

    it.each([
      { args: ["probe", "icmp", "127.0.0.1"], code: 0, out: /icmp: normal: dikirim 5, diterima 5/ },
      { args: ["probe", "http", "http://127.0.0.1:1/"], code: 1, out: /http: gagal pada tahap refused/ },
      { args: ["probe", "icmp", "127.0.0.1", "--count", "0"], code: 2, out: /count: 0 is not allowed/ },
      { args: ["run", "--data", "x"], code: 2, out: /--server is missing/ },
      {
        args: ["run", "--server", "ftp://x", "--data", "x"],
        code: 2,
        out: /expected an http or https address/,
      },
      { args: ["dance"], code: 2, out: /dance: expected run or probe/ },
      { args: ["--help"], code: 0, out: /Pemakaian:/ },
      { args: ["--version"], code: 0, out: /^\d+\.\d+\.\d+\n$/ },
    ])("$args ends with $code", async ({ args, code, out }) => {
      const child = startChild("../../probes/main.ts", args, { SAMBUNG_SERVER: "", SAMBUNG_LANG: "" });
      let text = "";
      for (const stream of [child.stdout!, child.stderr!])
        stream.on("data", (chunk) => (text += String(chunk)));
      const [exitCode] = (await once(child, "close")) as [number];
      expect(text).toMatch(out);
      expect(exitCode).toBe(code);
    });
  },
);
