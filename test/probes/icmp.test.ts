import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import { createIcmpProbe, paceRound } from "../../probes/icmp/icmp.ts";
import { readPingOutput } from "../../probes/icmp/ping-output.ts";
import type { IcmpSample } from "../../probes/probe.ts";
import { createResolve } from "../../probes/resolve.ts";
import { startDnsServer, typeA } from "../support/dns-server.ts";
import { needs } from "../support/needs.ts";
import { probeInNamespace, probeInProcess, silentAddress, silentLink } from "../support/probe-elsewhere.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { tempDir } from "../support/temp-dir.ts";

function icmpTarget(overrides: Partial<IcmpTarget> = {}): IcmpTarget {
  const plain = {
    kind: "icmp",
    address: "127.0.0.1",
    count: 3,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  } as const;
  return { ...targetBase(), ...plain, timeoutMs: 1500, ...overrides };
}

async function ping(target: IcmpTarget, context = probeContext({ timeoutMs: target.timeoutMs })) {
  return (await createIcmpProbe(createResolve())(target, context)) as IcmpSample;
}

const notMeasured = (unsent: string) => ({ kind: "icmp", sent: 0, recv: 0, rttUs: [], unsent, lossRun: 0 });

function expectAllAnswered(sample: IcmpSample, count: number): void {
  expect(sample).toMatchObject({ kind: "icmp", sent: count, recv: count, unsent: null, lossRun: 0 });
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
    const probe = createIcmpProbe(createResolve({ nameservers: [dns.address] }));
    const sample = await probe(icmpTarget({ address: "gw.desa.test" }), probeContext());
    expectAllAnswered(sample as IcmpSample, 3);
    expect(dns.questions.map(({ name }) => name)).toContain("gw.desa.test");
  });

  it("has not measured a name that does not resolve", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    const probe = createIcmpProbe(createResolve({ nameservers: [dns.address] }));
    const sample = await probe(icmpTarget({ address: "gw.desa.test" }), probeContext());
    expect(sample).toEqual(notMeasured("name"));
  });

  it("takes the address of the family that is asked for, and none when there is none", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.1"] : [],
    }));
    const probe = createIcmpProbe(createResolve({ nameservers: [dns.address] }));
    const target = icmpTarget({ address: "gw.desa.test", family: 4 });
    expectAllAnswered((await probe(target, probeContext())) as IcmpSample, 3);
    expect(await probe({ ...target, family: 6 }, probeContext())).toEqual(notMeasured("name"));
    await expect(ping(icmpTarget({ address: "::1", family: 4 }))).rejects.toThrow(/family 4.*::1 is IPv6/);
  });

  it("notes each step of a round by hand", async () => {
    const notes: [string, object | undefined][] = [];
    const context = probeContext({ note: (step, detail) => notes.push([step, detail]) });
    const sample = await ping(icmpTarget({ sizeBytes: 100, dscp: 46 }), context);
    const replies = notes.filter(([step]) => step === "reply").map(([, detail]) => detail);
    expect(replies).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
    expect(replies.map((reply) => (reply as { rttUs: number }).rttUs).toSorted((a, b) => a - b)).toEqual(
      sample.rttUs,
    );
    expect(notes).toContainEqual(["address", { address: "127.0.0.1", family: 4 }]);
    expect(notes.find(([step]) => step === "ping")?.[1]).toMatchObject({
      echoes: 3,
      sizeBytes: 100,
      dscp: 46,
    });
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
    expect(sample).toEqual(notMeasured("local"));
  });
});

const missingNs = needs({ root: true, commands: ["ping", "unshare", "ip", "sysctl"] });
describe.skipIf(missingNs !== null)(
  `ICMP in a network namespace${missingNs ? ` (skipped: ${missingNs})` : ""}`,
  () => {
    const lost = { kind: "icmp", sent: 3, recv: 0, rttUs: [], unsent: null, lossRun: 3 };

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
      ["a blackhole route", [...silentLink, "ip route add blackhole 10.66.0.0/16"]],
    ])("has not measured, for want of a route, with %s", async (_what, setup) => {
      expect(await probeInNamespace(icmpTarget({ address: "10.66.1.1" }), setup)).toEqual(
        notMeasured("route"),
      );
    });

    it("does not blame the route where sending is forbidden", async () => {
      const setup = [...silentLink, "ip route add prohibit 10.66.0.0/16"];
      expect(await probeInNamespace(icmpTarget({ address: "10.66.1.1" }), setup)).toEqual(
        notMeasured("local"),
      );
    });

    it("has not measured what was sent after the route had gone", async () => {
      // Ten requests over five seconds. However slow the start of the probe, the route is gone before the last.
      const setup = [...silentLink, "ip address add 10.66.1.1/32 dev lo", "ip link set lo up"];
      const cut = "(sleep 1.2; ip address del 10.66.1.1/32 dev lo) &";
      const target = icmpTarget({ address: "10.66.1.1", timeoutMs: 10_000, count: 10 });
      const sample = (await probeInNamespace(target, [...setup, cut])) as IcmpSample;
      expect(sample).toMatchObject({ unsent: "route", lossRun: 0 });
      expect(sample.recv).toBe(sample.sent);
      expect(sample.sent).toBeLessThan(10);
    });
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
    expect(readPingOutput(output)).toEqual({
      transmitted: 3,
      rttMs: new Map([
        [1, 20.1],
        [3, 0.036],
      ]),
      refused: 0,
      unsent: null,
    });
  });

  it("counts the requests that ping says were refused", () => {
    const output = [
      "PING 10.8.1.1 (10.8.1.1) 56(84) bytes of data.",
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=0.5 ms",
      "ping: sendmsg: Network is unreachable",
      "",
      "--- 10.8.1.1 ping statistics ---",
      "2 packets transmitted, 1 received, 50% packet loss, time 201ms",
    ].join("\n");
    expect(readPingOutput(output)).toMatchObject({ transmitted: 2, refused: 1, unsent: "route" });
  });

  it.each([
    ["ping: connect: Network is unreachable", "route"],
    ["ping: connect: No route to host", "route"],
    ["ping: connect: Invalid argument", "route"],
    ["ping: socket: Operation not permitted", "local"],
    ["ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules", "local"],
  ])("%s: %s", (line, unsent) => {
    expect(readPingOutput(line)).toMatchObject({ transmitted: null, unsent });
  });

  it("tells what it read, step by step", () => {
    const notes: unknown[] = [];
    const output = [
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms",
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.9 ms (DUP!)",
      "From 10.8.1.9 icmp_seq=2 Destination Host Unreachable",
      "ping: sendmsg: Operation not permitted",
    ].join("\n");
    expect(readPingOutput(output, (...note) => notes.push(note))).toMatchObject({
      refused: 1,
      unsent: "local",
    });
    expect(notes).toEqual([
      ["reply", { sequence: 1, rttUs: 20_100 }],
      ["duplicate", { sequence: 1 }],
      ["unreachable", { sequence: 2, from: "10.8.1.9", said: "Destination Host Unreachable" }],
      ["refused", { call: "sendmsg", error: "Operation not permitted" }],
    ]);
  });
});
