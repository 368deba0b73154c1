import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { SnmpSample } from "../../../probes/probe.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { createSnmpProbe } from "../../../probes/snmp/snmp.ts";
import type { ProfileRequest } from "../../../probes/snmp/reader.ts";
import type { SnmpProbeOptions } from "../../../probes/snmp/snmp.ts";
import { probeContext } from "../../support/probe-context.ts";
import { answerFrom, integer, startMadeAgent, text } from "./made-agent.ts";

/* What goes from round to round, and what all devices share. */

const oid = { sysDescr: "1.3.6.1.2.1.1.1.0", sysUpTime: "1.3.6.1.2.1.1.3.0", sysName: "1.3.6.1.2.1.1.5.0" };

function targetOf(port: number, overrides: Partial<SnmpTarget> = {}): SnmpTarget {
  return {
    id: "rt",
    intervalS: 30,
    timeoutMs: 10_000,
    kind: "snmp",
    address: "127.0.0.1",
    port,
    auth: { version: "2c", community: "lontar" },
    oids: {},
    profile: "system",
    ...overrides,
  };
}

/** A device with a system group, and an agent with a clock of the test's own. */
async function startDevice(options: SnmpProbeOptions = {}) {
  const objects = new Map<string, Buffer>([
    [oid.sysDescr, text("Perangkat uji")],
    [oid.sysUpTime, integer(0, 0x43)],
    [oid.sysName, text("rt-uji")],
  ]);
  const agent = await startMadeAgent((request) => answerFrom(objects, request));
  const probe = createSnmpProbe(createResolve(), options);
  return {
    agent,
    async poll(monoS: number, uptimeS: number, overrides: Partial<SnmpTarget> = {}): Promise<SnmpSample> {
      objects.set(oid.sysUpTime, integer(uptimeS * 100, 0x43));
      const clock = { wallMs: () => 0, monoMs: () => monoS * 1000 };
      return (await probe(
        targetOf(agent.port, overrides),
        probeContext({ clock, timeoutMs: 10_000 }),
      )) as SnmpSample;
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

describe("SNMP from round to round", () => {
  it("reads what hardly ever changes at first, hourly, and after a reboot; uptimes first heard and reboots are events", async () => {
    const events: unknown[] = [];
    await using device = await startDevice({ onEvent: (event) => events.push(event) });
    const descrOf = async (monoS: number, uptimeS: number) =>
      (await device.poll(monoS, uptimeS)).values.sysDescr;
    expect(await descrOf(0, 50_000)).toBe("Perangkat uji");
    expect(await descrOf(30, 50_030)).toBeUndefined();
    expect(await descrOf(3_600, 53_600)).toBe("Perangkat uji");
    const heardFirst = { type: "device.uptime", detail: { target: "rt", uptimeS: 50_000 } };
    expect(events).toEqual([heardFirst]);
    expect(await descrOf(3_630, 9)).toBeUndefined();
    const rebooted = { type: "device.rebooted", detail: { target: "rt", uptimeS: 9 } };
    expect(events).toEqual([heardFirst, rebooted]);
    expect(await descrOf(3_660, 39)).toBe("Perangkat uji");
    expect(events).toHaveLength(2);
  });

  it("does not ask again for scalars that the device lacks", async () => {
    await using device = await startDevice();
    await device.poll(0, 100);
    await device.poll(30, 130);
    expect(device.agent.requests.at(-1)!.oids).toEqual([oid.sysUpTime]);
  });

  it("gives a profile its device and a memory that a reboot empties", async () => {
    const seen: (Pick<ProfileRequest, "profile" | "sysDescr"> & { remembered: number })[] = [];
    await using device = await startDevice({
      pollProfile: ({ profile, sysDescr, memory }) => {
        seen.push({ profile, sysDescr, remembered: memory.size });
        memory.set("x", 1);
        return Promise.resolve({ values: { "temperatureC.1": 41 }, why: null });
      },
    });
    const rounds = [
      [0, 1_000],
      [30, 1_030],
      [60, 9],
    ] as const;
    for (const [monoS, uptimeS] of rounds) {
      const { ok, values } = await device.poll(monoS, uptimeS, { profile: "auto" });
      expect({ ok, temperatureC: values["temperatureC.1"] }).toEqual({ ok: 1, temperatureC: 41 });
    }
    const same = { profile: "auto", sysDescr: "Perangkat uji" };
    expect(seen).toEqual([0, 1, 0].map((remembered) => ({ ...same, remembered })));
  });

  it("tells when a UPS goes to battery and comes back, what it reads first included, and nothing of a round without a word", async () => {
    const events: { type: string; detail: object }[] = [];
    let values: Record<string, number | null> = {};
    await using device = await startDevice({
      pollProfile: () => Promise.resolve({ values, why: null }),
      onEvent: (event) => events.push(event),
    });
    const told = async (monoS: number, now: Record<string, number | null>) => {
      events.length = 0;
      values = now;
      await device.poll(monoS, 1_000 + monoS, { profile: "ups-mib" });
      return events.filter(({ type }) => type.startsWith("power."));
    };
    const detail = { target: "rt", polled: true };
    expect(await told(0, { onBattery: 0 })).toEqual([{ type: "power.onMains", detail }]);
    expect(await told(30, { onBattery: 0 })).toEqual([]);
    expect(await told(60, { onBattery: 1 })).toEqual([{ type: "power.onBattery", detail }]);
    expect(await told(90, { onBattery: null })).toEqual([]);
    expect(await told(120, { onBattery: 1 })).toEqual([]);
    expect(await told(150, { "onBattery.1": 0, "onBattery.2": 1 })).toEqual([]);
    expect(await told(180, { "onBattery.1": 0, "onBattery.2": 0 })).toEqual([
      { type: "power.onMains", detail },
    ]);
    expect(await told(210, { temperatureC: 41 })).toEqual([]);
  });

  it.each([
    ["is not ok when the profile ends in circles, its values kept", "loop", 0],
    ["is ok when some of its objects fail", "error", 1],
  ] as const)("%s", async (_what, why, ok) => {
    await using device = await startDevice({
      pollProfile: () => Promise.resolve({ values: { clients: 3 }, why }),
    });
    expect(await device.poll(0, 1, { profile: "auto" })).toMatchObject({ ok, why, values: { clients: 3 } });
  });
});

describe("SNMP over one socket", () => {
  it("asks 30 devices at once through one file descriptor, each answer to its own", async () => {
    let most = 0;
    const agents = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        startMadeAgent((request) => {
          most = Math.max(most, countSockets());
          return answerFrom(new Map([[oid.sysName, text(`rt-${i}`)]]), request);
        }),
      ),
    );
    const probe = createSnmpProbe(createResolve());
    const before = countSockets();
    const samples = await Promise.all(
      agents.map(({ port }, i) =>
        probe(
          targetOf(port, { id: `rt-${i}`, profile: null, oids: { sysName: oid.sysName } }),
          probeContext({ timeoutMs: 15_000 }),
        ),
      ),
    );
    for (const agent of agents) await agent[Symbol.asyncDispose]();
    const names = samples.map((sample) => (sample as SnmpSample).values.sysName);
    expect(names).toEqual(agents.map((_, i) => `rt-${i}`));
    expect(most - before).toBe(1);
  });

  it("speaks IPv6, however the address is written", async () => {
    await using agent = await startMadeAgent(
      (request) => answerFrom(new Map([[oid.sysUpTime, integer(4711, 0x43)]]), request),
      6,
    );
    const probe = createSnmpProbe(createResolve());
    for (const address of ["::1", "0:0:0:0:0:0:0:1"]) {
      const target = targetOf(agent.port, { address, profile: null, oids: { sysUpTime: oid.sysUpTime } });
      expect(await probe(target, probeContext({ timeoutMs: 10_000 }))).toMatchObject({
        ok: 1,
        values: { sysUpTime: 4711 },
      });
    }
  });

  it("tells a name that does not resolve", async () => {
    const probe = createSnmpProbe(() => Promise.reject(new Error("no such name")));
    const sample = await probe(targetOf(161, { address: "tidak-ada.invalid" }), probeContext());
    expect(sample).toEqual({ kind: "snmp", ok: 0, values: {}, why: "name" });
  });
});

function countSockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      // The descriptor of this very reading is gone.
      return false;
    }
  }).length;
}
