import { describe, expect, it } from "vitest";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import { needs } from "../../support/needs.ts";
import { targetBase } from "../../support/probe-context.ts";
import { createPathNet, targetAddress, targetAddress6 } from "./path-net.ts";

const missing = needs({ root: true, commands: ["ip", "ping", "sysctl"] });

const icmp = (id: string, address: string): IcmpTarget => ({
  ...targetBase(),
  id,
  kind: "icmp",
  address,
  count: 3,
  sizeBytes: 56,
  dscp: 0,
  family: null,
});

const rtt = "\\d+\\.\\d";

describe.skipIf(missing !== null)(`where it breaks${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it(
    "names the last router before the break, and says that the agent's own side is well",
    { timeout: 90_000 },
    async () => {
      await using net = createPathNet();
      const watch = await net.watch();
      // The second router is gone without a word: its neighbour knows its address and sends on into nothing.
      net.ip(
        "first",
        "neigh",
        "replace",
        "10.78.2.2",
        "lladdr",
        "02:00:00:00:00:99",
        "dev",
        "right",
        "nud",
        "permanent",
      );
      net.ip("second", "link", "set", "left", "down");
      const [local, trace] = await watch.wentDown([icmp("kantor", targetAddress)]);
      expect(local).toMatchObject({
        type: "path.local",
        detail: {
          target: "kantor",
          targetCount: 1,
          gateway: "10.78.1.2",
          gatewayAnswers: true,
          interface: "right",
          carrier: true,
          hasDefaultRoute: true,
          clockSynced: true,
        },
      });
      expect(local!.detail["gatewayRttUs"]).toBeGreaterThan(0);
      expect(local!.detail["uptimeS"]).toBeGreaterThan(0);
      expect(trace).toMatchObject({
        type: "path.trace",
        detail: {
          target: "kantor",
          address: targetAddress,
          deepest: "10.78.1.2",
          deepestHop: 1,
          reached: false,
          why: null,
          hops: expect.stringMatching(new RegExp(`^10\\.78\\.1\\.2 ${rtt}(\\|\\*)+$`)),
        },
      });
    },
  );

  it("keeps a router's refusal", { timeout: 90_000 }, async () => {
    await using net = createPathNet();
    const watch = await net.watch();
    net.ip("second", "route", "add", "unreachable", "10.78.9.0/24");
    net.ip("first", "route", "add", "10.78.9.0/24", "via", "10.78.2.2");
    const [, trace] = await watch.wentDown([icmp("radio", "10.78.9.9")]);
    expect(trace!.detail).toMatchObject({ deepest: "10.78.2.2", deepestHop: 2, reached: false, why: null });
    expect(trace!.detail["hops"]).toMatch(new RegExp(`^10\\.78\\.1\\.2 ${rtt}\\|10\\.78\\.2\\.2 ${rtt} !H$`));
  });

  it(
    "reaches a target that is back, by IPv4 and by IPv6, those at one address by one trace",
    { timeout: 90_000 },
    async () => {
      await using net = createPathNet();
      const watch = await net.watch();
      const targets = [icmp("a", targetAddress), icmp("b", targetAddress6), icmp("c", targetAddress)];
      const [, ...traces] = await watch.wentDown(targets, 2);
      expect(traces.map(({ detail }) => detail)).toEqual([
        expect.objectContaining({
          target: "a",
          targets: "a c",
          targetCount: 2,
          deepest: targetAddress,
          deepestHop: 3,
          reached: true,
          hops: expect.stringMatching(
            new RegExp(`^10\\.78\\.1\\.2 ${rtt}\\|10\\.78\\.2\\.2 ${rtt}\\|10\\.78\\.3\\.2 ${rtt}$`),
          ),
        }),
        expect.objectContaining({
          target: "b",
          targets: "b",
          deepest: targetAddress6,
          deepestHop: 3,
          reached: true,
          hops: expect.stringMatching(new RegExp(`^fd78:1::2 ${rtt}\\|fd78:2::2 ${rtt}\\|fd78:3::2 ${rtt}$`)),
        }),
      ]);
    },
  );

  it("says so when its own cable is out, then when its interface is down", { timeout: 120_000 }, async () => {
    await using net = createPathNet();
    const watch = await net.watch();
    net.ip("first", "link", "set", "left", "down");
    const [cable, trace] = await watch.wentDown([icmp("kantor", targetAddress)]);
    const own = {
      gateway: "10.78.1.2",
      interface: "right",
      gatewayAnswers: false,
      gatewayRttUs: null,
      carrier: false,
    };
    expect(cable!.detail).toMatchObject({ ...own, hasDefaultRoute: true });
    expect(trace!.detail).toMatchObject({ deepest: null, deepestHop: 0, reached: false });
    net.ip("agent", "link", "set", "right", "down");
    const [down, none] = await watch.wentDown([icmp("kantor", targetAddress)]);
    expect(down!.detail).toMatchObject({ ...own, hasDefaultRoute: false });
    expect(none!.detail).toMatchObject({ hops: "", deepest: null, reached: false, why: "route" });
  });

  it("traces at most three addresses of those that went down together", { timeout: 90_000 }, async () => {
    await using net = createPathNet();
    const watch = await net.watch();
    const addresses = ["10.78.1.2", "10.78.2.1", "10.78.2.2", "10.78.3.1", targetAddress];
    const [local] = await watch.wentDown(
      addresses.map((address) => icmp(`t-${address}`, address)),
      3,
    );
    await watch.end();
    const traced = watch.events
      .filter(({ type }) => type === "path.trace")
      .map(({ detail }) => detail["address"]);
    expect(local!.detail["targetCount"]).toBe(5);
    expect(traced).toEqual(addresses.slice(0, 3));
  });

  it("names a loop", { timeout: 90_000 }, async () => {
    await using net = createPathNet();
    const watch = await net.watch();
    net.ip("first", "route", "add", "10.78.9.0/24", "via", "10.78.2.2");
    net.ip("second", "route", "add", "10.78.9.0/24", "via", "10.78.2.1");
    const [, trace] = await watch.wentDown([icmp("radio", "10.78.9.9")]);
    expect(trace!.detail).toMatchObject({ why: "loop", reached: false });
  });
});
