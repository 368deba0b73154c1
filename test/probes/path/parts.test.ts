import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AgentTarget, HttpTarget, IcmpTarget } from "#wire/targets-v1.ts";
import { createLocalLooker } from "../../../probes/path/local-look.ts";
import { readOwnAddresses } from "../../../probes/path/own-addresses.ts";
import { createPathWatch } from "../../../probes/path/path-watch.ts";
import { pingOnce, readEcho } from "../../../probes/path/ping-once.ts";
import type { Echo, Ping } from "../../../probes/path/ping-once.ts";
import { readDefaultRoute4, readDefaultRoute6 } from "../../../probes/path/routes.ts";
import { hostOf } from "../../../probes/path/target-host.ts";
import { describeHops, tracePath } from "../../../probes/path/trace.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { createHandClock, quietLog } from "../../support/agent-parts.ts";
import { targetBase } from "../../support/probe-context.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";

const heading = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const route = (
  iface: string,
  destination: string,
  gateway: string,
  flags: string,
  metric: number,
  mask: string,
) => `${iface}\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`;
const lan = route("eth0", "0001080A", "00000000", "0001", 0, "00FFFFFF");

describe("the default route", () => {
  it.each([
    [
      "the one with the lowest metric",
      [
        route("wwan0", "00000000", "01000A0A", "0003", 700, "00000000"),
        route("eth0", "00000000", "0101080A", "0003", 100, "00000000"),
      ],
      { interface: "eth0", gateway: "10.8.1.1" },
    ],
    [
      "one without a gateway",
      [route("ppp0", "00000000", "00000000", "0001", 0, "00000000")],
      {
        interface: "ppp0",
        gateway: null,
      },
    ],
    ["none where all is refused", [route("*", "00000000", "00000000", "0201", 0, "00000000")], null],
    ["none among others", [], null],
  ])("of IPv4: %s", (_name, routes, expected) => {
    expect(readDefaultRoute4([heading, ...routes, lan, ""].join("\n"))).toEqual(expected);
  });

  it("of IPv4 on a machine of the other byte order", () => {
    const table = [heading, route("eth0", "00000000", "0A080101", "0003", 0, "00000000")].join("\n");
    expect(readDefaultRoute4(table, false)).toEqual({ interface: "eth0", gateway: "10.8.1.1" });
  });

  const zero = "0".repeat(32);
  it.each([
    [
      "with its interface where the gateway is link-local",
      "fe800000000000000000000000000001",
      "00000003 eth0",
      {
        interface: "eth0",
        gateway: "fe80::1%eth0",
      },
    ],
    [
      "with a global gateway",
      "20010db8000000000000000000000001",
      "00000003 eth0",
      {
        interface: "eth0",
        gateway: "2001:db8::1",
      },
    ],
    ["none in the kernel's own refusal on lo", zero, "00200200 lo", null],
  ])("of IPv6: %s", (_name, gateway, flagsAndName, expected) => {
    const table = [
      `fe800000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`,
      `${zero} 00 ${zero} 00 ${gateway} 00000400 00000001 00000000 ${flagsAndName}`,
      `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`,
    ].join("\n");
    expect(readDefaultRoute6(table)).toEqual(expected);
  });
});

describe("the machine's own addresses", () => {
  it("are those of the kernel, with or without a carrier", async () => {
    using folder = tempDir();
    mkdirSync(join(folder.path, "proc/net"), { recursive: true });
    const trie =
      "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.8.1.0\n        /24 link UNICAST\n     |-- 10.8.1.9\n        /32 host LOCAL\n";
    writeFileSync(join(folder.path, "proc/net/fib_trie"), trie);
    writeFileSync(
      join(folder.path, "proc/net/if_inet6"),
      "fe800000000000000000000000000009 02 40 20 80     eth0\n",
    );
    const own = await readOwnAddresses(folder.path);
    expect(own.has("10.8.1.9")).toBe(true);
    expect(own.has("fe80::9")).toBe(true);
    expect(own.has("10.8.1.0")).toBe(false);
  });
});

describe("what ping says of one echo", () => {
  it.each<[string, Echo]>([
    [
      "64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms",
      { kind: "reply", from: "10.8.1.1", rttUs: 20_100 },
    ],
    [
      "64 bytes from fe80::1%eth0: icmp_seq=1 ttl=64 time=0.034 ms",
      { kind: "reply", from: "fe80::1%eth0", rttUs: 34 },
    ],
    // BusyBox.
    ["64 bytes from 10.8.1.1: seq=0 ttl=64 time=0.045 ms", { kind: "reply", from: "10.8.1.1", rttUs: 45 }],
    ["From 10.8.1.1 icmp_seq=1 Time to live exceeded", { kind: "exceeded", from: "10.8.1.1" }],
    ["From 2001:db8::1 icmp_seq=1 Time exceeded: Hop limit", { kind: "exceeded", from: "2001:db8::1" }],
    [
      "From 10.8.1.1 icmp_seq=1 Destination Host Unreachable",
      { kind: "unreachable", from: "10.8.1.1", code: "!H" },
    ],
    [
      "From 10.8.1.1 icmp_seq=1 Destination Net Unreachable",
      { kind: "unreachable", from: "10.8.1.1", code: "!N" },
    ],
    ["From 10.8.1.1 icmp_seq=1 Packet filtered", { kind: "unreachable", from: "10.8.1.1", code: "!X" }],
    [
      "From fd00::1 icmp_seq=1 Destination unreachable: No route",
      { kind: "unreachable", from: "fd00::1", code: "!N" },
    ],
    ["ping: connect: Network is unreachable", { kind: "noRoute" }],
    [
      "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted",
      { kind: "cannot", reason: "socket: Operation not permitted" },
    ],
    ["1 packets transmitted, 0 received, 100% packet loss, time 0ms", { kind: "silent" }],
  ])("%s", (output, echo) => {
    expect(readEcho(`PING 10.8.9.9 (10.8.9.9) 56(84) bytes of data.\n${output}\n`)).toEqual(echo);
  });

  it("is never asked for anything but an address", () => {
    const options = { ttl: null, waitS: 1, signal: new AbortController().signal };
    for (const given of ["-V", "localhost", "10.8.1.1;id", ""])
      expect(() => pingOnce(given, options)).toThrow(TypeError);
  });
});

/** A path by its routers, `*` for those that say nothing; the last is the target if `reached`. */
function pathOf(routers: string[], { reached = true, asked = [] as (number | null)[] } = {}): Ping {
  return async (address, { ttl }) => {
    asked.push(ttl);
    if (ttl === null) return { kind: "reply", from: address, rttUs: 1_500 };
    const from = routers[ttl - 1] ?? (reached ? routers.at(-1)! : "*");
    if (from === "*") return { kind: "silent" };
    return reached && ttl >= routers.length
      ? { kind: "reply", from, rttUs: 30_000 }
      : { kind: "exceeded", from };
  };
}

const traceOptions = { ownAddresses: new Set(["10.8.1.9"]), signal: new AbortController().signal };

describe("a trace", () => {
  it("goes on over silent routers to the target", async () => {
    const ping = pathOf(["10.8.1.1", "*", "*", "10.8.0.1", "*", "10.0.0.9"]);
    const trace = await tracePath("10.0.0.9", { ...traceOptions, ping });
    expect(describeHops(trace.hops)).toBe("10.8.1.1 1.5|*|*|10.8.0.1 1.5|*|10.0.0.9 30.0");
    expect(trace).toMatchObject({ reached: true, deepest: "10.0.0.9", deepestHop: 6, why: null });
  });

  it("ends after four silent ones", async () => {
    const asked: (number | null)[] = [];
    const ping = pathOf(["10.8.1.1", "10.8.0.1"], { reached: false, asked });
    const trace = await tracePath("10.0.0.9", { ...traceOptions, ping });
    expect(describeHops(trace.hops)).toBe("10.8.1.1 1.5|10.8.0.1 1.5|*|*|*|*");
    expect(trace).toMatchObject({ reached: false, deepest: "10.8.0.1", deepestHop: 2 });
    expect(asked.filter((ttl) => ttl !== null)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("ends after 24 hops, and where a router comes up again", async () => {
    const far = Array.from({ length: 40 }, (_, hop) => `10.9.0.${hop}`);
    expect((await tracePath("10.0.0.9", { ...traceOptions, ping: pathOf(far) })).hops).toHaveLength(24);
    const ping = pathOf(["10.8.1.1", "10.8.0.1", "10.8.1.1", "10.8.0.1"], { reached: false });
    const trace = await tracePath("10.0.0.9", { ...traceOptions, ping });
    expect(trace).toMatchObject({ why: "loop", deepestHop: 3 });
  });

  it("does not take this machine's own refusal for a hop", async () => {
    const ping: Ping = async () => ({ kind: "unreachable", from: "10.8.1.9", code: "!H" });
    const trace = await tracePath("10.8.1.7", { ...traceOptions, ping });
    expect(trace).toMatchObject({ deepest: null, deepestHop: 0 });
    expect(describeHops(trace.hops)).toBe("* !H");
  });

  it("keeps the end of a path that is too long to tell", () => {
    const hops = Array.from({ length: 24 }, (_, hop) => ({
      address: `2001:db8:1111:2222:3333:4444:5555:${hop + 1000}`,
      rttUs: 600_000,
      code: "",
    }));
    const told = describeHops(hops);
    expect(told.length).toBeLessThanOrEqual(500);
    expect(told).toMatch(/^…\|2001.*5555:1023 600\.0$/);
  });
});

describe("whose path it is", () => {
  const base = targetBase();
  const dns = (resolver: string | null): AgentTarget => ({
    ...base,
    kind: "dns",
    name: "lapor.go.id",
    recordType: "A",
    resolver,
    expectRcode: ["NOERROR"],
    expectAnswer: [],
  });
  const http = (url: string) => ({ ...base, kind: "http", url }) as HttpTarget;
  it.each([
    [http("https://www.lapor.go.id:8443/x"), "www.lapor.go.id"],
    [http("http://[2001:db8::1]/"), "2001:db8::1"],
    [dns("10.8.0.53:5353"), "10.8.0.53"],
    [dns("[2001:db8::53]:53"), "2001:db8::53"],
    [dns("2001:db8::53"), "2001:db8::53"],
    [dns(null), null],
  ])("$kind", (target, host) => {
    expect(hostOf(target)).toBe(host);
  });
});

describe("the look at the agent's own place", () => {
  const silent: Ping = async () => ({ kind: "silent" });
  const deps = { clock: createHandClock(), host: { uptimeS: () => 77 }, synced: () => false };

  function machine(folder: string, files: Record<string, string>): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  it("takes the only interface where there never was a route, and knows a clock that was set", async () => {
    using folder = tempDir();
    const root = machine(folder.path, {
      "sys/class/net/lo/carrier": "1\n",
      "sys/class/net/end0/carrier": "0\n",
      "run/systemd/timesync/synchronized": "",
    });
    const look = await createLocalLooker({ ...deps, ping: silent, root }).look(new AbortController().signal);
    expect(look).toEqual({
      gateway: null,
      gatewayAnswers: null,
      gatewayRttUs: null,
      interface: "end0",
      carrier: false,
      hasDefaultRoute: false,
      uptimeS: 77,
      clockSynced: true,
    });
  });

  it("says nothing of a clock that may be right, and false of one from before 2020", async () => {
    using folder = tempDir();
    const signal = new AbortController().signal;
    const at = (wall: number) =>
      createLocalLooker({ ...deps, clock: createHandClock(wall), ping: silent, root: folder.path });
    expect((await at(1_790_000_000_000).look(signal)).clockSynced).toBeNull();
    expect((await at(86_400_000).look(signal)).clockSynced).toBe(false);
  });

  it("uses the route of IPv6 where there is none of IPv4", async () => {
    using folder = tempDir();
    const zero = "0".repeat(32);
    const root = machine(folder.path, {
      "proc/net/route": `${heading}\n`,
      "proc/net/ipv6_route": `${zero} 00 ${zero} 00 fe80${"0".repeat(27)}1 00000400 00000001 00000000 00000003 eth0\n`,
    });
    const look = await createLocalLooker({ ...deps, ping: pathOf([]), root }).look(
      new AbortController().signal,
    );
    expect(look).toMatchObject({ gateway: "fe80::1%eth0", gatewayAnswers: true, gatewayRttUs: 1_500 });
  });
});

describe("when targets go down", () => {
  const target = (id: string, address = "10.0.0.9"): IcmpTarget => ({
    ...targetBase(),
    ...icmpFields,
    id,
    address,
  });
  const icmpFields = { kind: "icmp" as const, count: 3, sizeBytes: 56, dscp: 0, family: null };

  function watchWith(ping: Ping) {
    const events: { type: string; target: unknown }[] = [];
    const clock = createHandClock();
    const watch = createPathWatch({
      clock,
      log: quietLog,
      resolve: createResolve({ nameservers: ["127.0.0.1:9"] }),
      host: { uptimeS: () => 1 },
      synced: () => true,
      ping,
      // No routes and no interfaces: the gateway is not asked.
      root: "/nowhere",
      onEvent: (type, detail) => void events.push({ type, target: detail["target"] }),
      times: { togetherMs: 10 },
    });
    const seen = (count: number) => waitFor(`${count} events`, () => events.length >= count, { everyMs: 10 });
    return { watch, clock, events, seen };
  }

  it("looks once in five minutes on account of one target, and shares a fresh trace", async () => {
    const asked: (number | null)[] = [];
    const { watch, clock, events, seen } = watchWith(pathOf(["10.0.0.9"], { asked }));
    watch.wentDown(target("a"));
    await seen(2);
    watch.wentDown(target("a"));
    watch.wentDown(target("b"));
    await seen(4);
    expect(asked).toEqual([1]);
    clock.advance(300_001);
    watch.wentDown(target("a"));
    await seen(6);
    await watch.stop();
    expect(asked).toEqual([1, 1]);
    expect(events.map(({ type, target: id }) => `${type} ${String(id)}`)).toEqual(
      ["a", "b", "a"].flatMap((id) => [`path.local ${id}`, `path.trace ${id}`]),
    );
  });

  it("keeps a bounded number of them waiting, and one trace at a time", async () => {
    let under = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const { watch, events } = watchWith(async (address, { ttl }) => {
      most = Math.max(most, ++under);
      await gate.promise;
      under--;
      return { kind: "reply", from: address, rttUs: ttl ?? 1 };
    });
    for (let group = 0; group < 9; group++) {
      watch.wentDown(target(`t${group}`, `10.0.0.${group + 1}`));
      // Longer than the time in which targets count as going down together.
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    gate.resolve();
    await waitFor("the traces", () => events.filter(({ type }) => type === "path.trace").length >= 4, {
      everyMs: 10,
    });
    await watch.stop();
    expect(events).toHaveLength(8);
    expect(most).toBe(1);
  });

  it("ends at once when the agent does", async () => {
    const { watch, events, seen } = watchWith(
      (_address, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve({ kind: "silent" }), { once: true }),
        ),
    );
    watch.wentDown(target("a"));
    await seen(1);
    await watch.stop();
    watch.wentDown(target("b"));
    await watch.stop();
    expect(events.map(({ type }) => type)).toEqual(["path.local"]);
  });
});
