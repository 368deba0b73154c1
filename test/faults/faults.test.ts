import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../support/needs.ts";
import { waitFor } from "../support/wait-for.ts";
import { startDistrict } from "./district.ts";
import type { FaultyDistrict } from "./district.ts";
import { intervalS, sites } from "./inventory.ts";
import { formatMatrix, rowFor, sayOf, shared } from "./matrix.ts";
import type { OutageRow, Span, StateRow, Told } from "./matrix.ts";

/*
 * Each fault that the outage table has a word for, done to real processes and real links, brought back, and held against what
 * the table says once the spools have come. Faults that do not touch each other are done at the same time.
 */

const missing = needs({
  root: true,
  commands: ["ip", "ping", "snmpd", "sysctl", "openssl", "faketime", "unshare", "mount"],
});

/** Rounds enough for a verdict, twice over. */
const faultMs = 6 * intervalS * 1_000;
/** Good rounds between two faults. */
const settleMs = 3 * intervalS * 1_000;
const { noc, kec, v1, v2, v3 } = sites;

interface Fault {
  /** What should be told: site, what is said of it, and whether of the service as seen from there. */
  tells: { label: string; sites: string[]; service?: string; expected: string; root?: string }[];
  begin(district: FaultyDistrict): Promise<void> | void;
  end(district: FaultyDistrict): void;
}

const linkCut: Fault = {
  tells: [{ label: "link cut", sites: [v1], expected: "link", root: v1 }],
  begin: ({ net }) => net.cut("v1"),
  end: ({ net }) => net.restore("v1"),
};
const agentKilled: Fault = {
  tells: [{ label: "agent killed", sites: [v2], expected: "agent" }],
  begin: ({ killAgent }) => killAgent("v2"),
  end: ({ startAgent }) => startAgent("v2"),
};
const clockStepped: Fault = {
  tells: [{ label: "clock stepped", sites: [v3], expected: "none" }],
  begin: ({ setClock }) => setClock(3_600),
  end: ({ setClock }) => setClock(0),
};
const backhaulCut: Fault = {
  tells: [
    { label: "uplink of the kecamatan cut", sites: [kec], expected: "link", root: kec },
    { label: "backhaul cut", sites: [v1, v2, v3], expected: "backhaul", root: kec },
  ],
  begin: ({ net }) => net.cut("kec"),
  end: ({ net }) => net.restore("kec"),
};
const poweredOff: Fault = {
  tells: [{ label: "powered off", sites: [v1], expected: "power", root: v1 }],
  async begin({ net, cutMachine }) {
    await cutMachine("v1");
    await net.stopRouter("v1");
  },
  end({ net, startSnmpd, startAgent }) {
    net.startRouter("v1");
    startSnmpd();
    startAgent("v1");
  },
};
const relayCut: Fault = {
  tells: [
    { label: "link of the relay cut", sites: [v2], expected: "link", root: v2 },
    { label: "relay cut off", sites: [v3], expected: "relay", root: v2 },
  ],
  begin: ({ net }) => net.cut("v2"),
  end: ({ net }) => net.restore("v2"),
};
const resolverStopped: Fault = {
  tells: [
    { label: "DNS stopped", sites: [kec, v2, v3], service: "lapor", expected: "dns:dns", root: kec },
    { label: "another's DNS stopped", sites: [noc], service: "lapor", expected: "none" },
  ],
  begin: ({ stopResolver }) => stopResolver(),
  end: ({ startResolver }) => startResolver(),
};
const serviceStopped: Fault = {
  tells: [
    {
      label: "service stopped",
      sites: [noc, kec, v1, v2, v3],
      service: "lapor",
      expected: "service:refused",
      root: "service:lapor",
    },
  ],
  begin: ({ stopService }) => stopService(),
  end: ({ startService }) => startService(),
};
const certificateExpired: Fault = {
  tells: [
    {
      label: "certificate expired",
      sites: [noc, kec, v1, v3],
      service: "lapor",
      expected: "service:tls",
      root: "service:lapor",
    },
  ],
  begin: ({ setCertificate }) => setCertificate("expired"),
  end: ({ setCertificate }) => setCertificate("good"),
};
const routerRebooted: Fault = {
  tells: [{ label: "router rebooted", sites: [v1], expected: "link", root: v1 }],
  begin: ({ net }) => net.stopRouter("v1"),
  end({ net, startSnmpd }) {
    net.startRouter("v1");
    startSnmpd();
  },
};
const machineRestarted: Fault = {
  tells: [{ label: "machine of the agent restarted", sites: [v2], expected: "agent" }],
  begin: ({ cutMachine }) => cutMachine("v2"),
  end: ({ startAgent }) => startAgent("v2"),
};

const schedule: Fault[][] = [
  [linkCut, agentKilled, clockStepped],
  [backhaulCut],
  [poweredOff, relayCut],
  [resolverStopped, routerRebooted],
  [serviceStopped],
  [certificateExpired, machineRestarted],
];

type Injected = Span & Omit<Fault["tells"][number], "service"> & { service: string | null };

describe.skipIf(missing !== null)(
  `labelled faults of a district in namespaces${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let district: FaultyDistrict;
    const injected: Injected[] = [];
    let outages: OutageRow[] = [];
    let states: StateRow[] = [];

    /** All sites are up, and their agents have delivered what they measured until some rounds after `sinceMs`. */
    async function hasSettled(sinceMs: number): Promise<boolean> {
      const agents = await district.read<{ lastSeen: string | null; openRounds: number }[]>("/agents");
      const isDelivered = agents.every(
        ({ lastSeen, openRounds }) =>
          lastSeen !== null && Date.parse(lastSeen) > sinceMs + settleMs && openRounds === 0,
      );
      if (!isDelivered) return false;
      const rows = await district.read<{ state: string; services: { state: string }[] }[]>("/sites");
      const isUp = rows.every(
        ({ state, services }) => state === "up" && services.every((service) => service.state === "up"),
      );
      return isUp && (await district.read<OutageRow[]>("/outages?open=true")).length === 0;
    }
    const settled = (sinceMs: number) =>
      waitFor("every site to be up, with its spool delivered", () => hasSettled(sinceMs), {
        timeoutMs: 240_000,
        everyMs: 500,
      });

    beforeAll(async () => {
      district = await startDistrict();
      const fromMs = Date.now();
      await settled(fromMs);
      for (const faults of schedule) {
        for (const fault of faults) await fault.begin(district);
        const startMs = Date.now();
        await sleep(faultMs);
        const endMs = Date.now();
        for (const fault of faults) fault.end(district);
        await settled(Date.now());
        for (const tell of faults.flatMap(({ tells }) => tells))
          injected.push({ ...tell, service: tell.service ?? null, startMs, endMs });
      }
      outages = await district.read<OutageRow[]>(`/outages?from=${fromMs}`);
      states = await district.read<StateRow[]>(`/states?from=${fromMs}`);
    }, 1_800_000);

    afterAll(async () => {
      await district?.[Symbol.asyncDispose]();
    }, 60_000);

    const toTold = ({ label, sites: at, service, expected, ...span }: Injected): Told[] =>
      at.map((site) => ({
        label,
        site,
        service,
        expected,
        said: sayOf(outages, states, { site, service }, span),
      }));

    it("names each by its cause, at every site that it touches", () => {
      const told = injected.flatMap(toTold);
      process.stdout.write(`\n${formatMatrix(told)}\n`);
      expect(told.map(({ label, site, said }) => `${label} at ${site}: ${said}`)).toEqual(
        told.map(({ label, site, expected }) => `${label} at ${site}: ${expected}`),
      );
    });

    it("names the site or service where it broke", () => {
      for (const { label, sites: at, service, root, ...span } of injected) {
        if (root === undefined) continue;
        for (const site of at)
          expect(rowFor(outages, { site, service }, span), label).toMatchObject({ root });
      }
    });

    it("tells of no site's outage that nobody caused", () => {
      const isCaused = (row: OutageRow) =>
        injected.some((one) => one.sites.includes(row.site) && shared(row, one) > 0);
      expect(outages.filter((row) => row.service === null && !isCaused(row))).toEqual([]);
    });
  },
);
