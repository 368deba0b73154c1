import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { IcmpTarget } from "#wire/agent-config-v1.ts";
import { paceRound } from "../../probes/icmp/icmp.ts";
import { readPingOutput } from "../../probes/icmp/ping-output.ts";
import type { IcmpSample } from "../../probes/probe.ts";
import { createProbers } from "../../probes/probers.ts";
import { startDnsServer, typeA } from "../support/dns-server.ts";
import { needs } from "../support/needs.ts";
import { probeInNamespace, probeInProcess, silentAddress, silentLink } from "../support/probe-elsewhere.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { tempDir } from "../support/temp-dir.ts";

function icmpTarget(overrides: Partial<IcmpTarget> = {}): IcmpTarget {
  return { ...targetBase(), kind: "icmp", address: "127.0.0.1", count: 3, timeoutMs: 1500, ...overrides };
}

async function ping(target: IcmpTarget, context = probeContext({ timeoutMs: target.timeoutMs })) {
  return (await createProbers().icmp(target, context)) as IcmpSample;
}

function expectAllAnswered(sample: IcmpSample, count: number): void {
  expect(sample).toMatchObject({ kind: "icmp", sent: count, recv: count });
  expect(sample.rttUs).toHaveLength(count);
  expect(sample.rttUs).toEqual(sample.rttUs.toSorted((a, b) => a - b));
  for (const rttUs of sample.rttUs) expect(Number.isInteger(rttUs) && rttUs > 0).toBe(true);
}

const missing = needs({ commands: ["ping"] });
describe.skipIf(missing !== null)(`ICMP by ping${missing ? ` (skipped: ${missing})` : ""}`, () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(["127.0.0.1", "::1"])("keeps every reply of %s, ascending", async (address) => {
    const sample = await ping(icmpTarget({ address }));
    expect(sample.sent).toBe(3);
    expectAllAnswered(sample, 3);
  });

  it("resolves a name and pings its address", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.1"] : [],
    }));
    const probers = createProbers({ nameservers: [dns.address] });
    const sample = await probers.icmp(icmpTarget({ address: "gw.desa.test" }), probeContext());
    expectAllAnswered(sample as IcmpSample, 3);
    expect(dns.questions.map(({ name }) => name)).toContain("gw.desa.test");
  });

  it("has not measured a name that does not resolve", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    const probers = createProbers({ nameservers: [dns.address] });
    const sample = await probers.icmp(icmpTarget({ address: "gw.desa.test" }), probeContext());
    expect(sample).toEqual({ kind: "icmp", sent: 0, recv: 0, rttUs: [] });
  });

  it("refuses an address that ping would take for an option", async () => {
    await expect(ping(icmpTarget({ address: "-V" }))).rejects.toThrow(/address -V must not begin with '-'/);
  });

  it("rejects when the machine has no ping", async () => {
    using empty = tempDir();
    vi.stubEnv("PATH", empty.path);
    await expect(ping(icmpTarget())).rejects.toThrow(/cannot run the ping command.*ENOENT/);
  });

  const missingSetpriv = needs({ root: true, commands: ["setpriv"] });
  it.skipIf(missingSetpriv !== null)(
    `names the reason when ping may not run${missingSetpriv ? ` (skipped: ${missingSetpriv})` : ""}`,
    async () => {
      // A file with capabilities cannot be executed where the bounding set does not hold them: docker --cap-drop=ALL.
      const drop = ["setpriv", "--bounding-set=-all"];
      await expect(probeInProcess(icmpTarget(), {}, drop)).rejects.toThrow(
        /cannot run the ping command.*EPERM/,
      );
    },
  );

  it("ends the child when the signal aborts, and gives what was answered until then", async () => {
    const children: ChildProcess[] = [];
    const take = (message: unknown) => children.push((message as { process: ChildProcess }).process);
    const stop = new AbortController();
    subscribe("child_process", take);
    try {
      // Five requests, a second apart: the first reply comes long before the last request.
      const round = ping(icmpTarget({ count: 5 }), probeContext({ signal: stop.signal, timeoutMs: 60_000 }));
      await vi.waitUntil(() => children.length === 1);
      const [child] = children as [ChildProcess];
      const exited = once(child, "exit");
      // The first reply may have been read before this listener was there; the next comes a second later.
      let printed = "";
      child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await vi.waitUntil(() => printed.includes("icmp_seq="), { timeout: 10_000 });
      stop.abort();
      const sample = await round;
      await exited;
      expect(sample.sent).toBeLessThan(5);
      expect(sample.recv).toBeGreaterThan(0);
    } finally {
      unsubscribe("child_process", take);
    }
  });

  it("starts nothing once the signal has aborted", async () => {
    const sample = await ping(icmpTarget(), probeContext({ signal: AbortSignal.abort() }));
    expect(sample).toEqual({ kind: "icmp", sent: 0, recv: 0, rttUs: [] });
  });
});

const missingNs = needs({ root: true, commands: ["ping", "unshare", "ip", "sysctl"] });
describe.skipIf(missingNs !== null)(
  `ICMP in a network namespace${missingNs ? ` (skipped: ${missingNs})` : ""}`,
  () => {
    const lost = { kind: "icmp", sent: 3, recv: 0, rttUs: [] };

    it("counts a host that ignores echo requests as all lost", async () => {
      const setup = ["ip link set lo up", "sysctl -q -w net.ipv4.icmp_echo_ignore_all=1"];
      expect(await probeInNamespace(icmpTarget(), setup)).toEqual(lost);
    });

    it("counts a host behind a link that swallows everything as all lost", async () => {
      expect(await probeInNamespace(icmpTarget({ address: silentAddress }), silentLink)).toEqual(lost);
    });

    it("counts a router's 'host unreachable' as lost", async () => {
      const target = icmpTarget({ address: "10.8.8.78", timeoutMs: 5000 });
      expect(await probeInNamespace(target, silentLink)).toEqual(lost);
    });

    it.each([
      ["no interface at all", []],
      ["a link without a route to the address", silentLink.slice(0, 4)],
      ["an unreachable route", [...silentLink, "ip route add unreachable 10.66.0.0/16"]],
    ])(
      "counts all requests as lost with %s: that is what a cut looks like from inside",
      async (_what, setup) => {
        expect(await probeInNamespace(icmpTarget({ address: "10.66.1.1" }), setup)).toEqual(lost);
      },
    );
  },
);

describe("pace of a round", () => {
  it.each([
    { count: 5, roundMs: 2000, echoes: 5, intervalMs: 250 },
    { count: 5, roundMs: 1000, echoes: 5, intervalMs: 200 },
    { count: 1, roundMs: 1000, echoes: 1, intervalMs: 500 },
    { count: 5, roundMs: 60_000, echoes: 5, intervalMs: 1000 },
    { count: 100, roundMs: 2000, echoes: 10, intervalMs: 200 },
    { count: 5, roundMs: 10, echoes: 1, intervalMs: 200 },
  ])("sends $echoes of $count every $intervalMs ms in $roundMs ms", ({ count, roundMs, ...expected }) => {
    expect(paceRound(count, roundMs)).toMatchObject(expected);
  });

  it("leaves the last request at least an interval, and ends before the round", () => {
    for (let count = 1; count <= 100; count++) {
      for (const roundMs of [400, 1000, 2000, 3333, 30_000]) {
        const { echoes, intervalMs, lingerMs } = paceRound(count, roundMs);
        expect((echoes - 1) * intervalMs + lingerMs).toBeLessThan(roundMs);
        expect(roundMs - (echoes - 1) * intervalMs).toBeGreaterThanOrEqual(200);
      }
    }
  });
});

describe("what ping prints", () => {
  it("counts a duplicate once, with the time of the first", () => {
    const output = [
      "PING 10.8.1.1 (10.8.1.1) 56(84) bytes of data.",
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms",
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.9 ms (DUP!)",
      "64 bytes from 10.8.1.1: icmp_seq=3 ttl=64 time=0.036 ms",
      "64 bytes from 10.8.1.1: icmp_seq=3 ttl=64 time=0.050 ms",
      "",
      "--- 10.8.1.1 ping statistics ---",
      "3 packets transmitted, 2 received, +2 duplicates, 33.3333% packet loss, time 405ms",
    ].join("\n");
    expect(readPingOutput(output)).toEqual({ transmitted: 3, rttMs: [20.1, 0.036], noRoute: false });
  });

  it("takes the count that ping prints when the route went away during the round", () => {
    const output = [
      "PING 10.8.1.1 (10.8.1.1) 56(84) bytes of data.",
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=0.5 ms",
      "ping: sendmsg: Network is unreachable",
      "",
      "--- 10.8.1.1 ping statistics ---",
      "2 packets transmitted, 1 received, 50% packet loss, time 201ms",
    ].join("\n");
    expect(readPingOutput(output)).toMatchObject({ transmitted: 2, rttMs: [0.5] });
  });

  it.each([
    ["ping: connect: Network is unreachable", true],
    ["ping: connect: No route to host", true],
    ["ping: socket: Operation not permitted", false],
    ["ping: sendmsg: Operation not permitted", false],
    ["ping: gw.desa.test: Name or service not known", false],
  ])("%s: no route %s", (line, noRoute) => {
    expect(readPingOutput(line)).toEqual({ transmitted: null, rttMs: [], noRoute });
  });
});
