import { join } from "node:path";
import type { Inventory, Link, Target } from "../../src/inventory/inventory.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import type { Cause, SiteState, StateSegment } from "../../src/outage/table.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";

/*
 * A day of the shipped inventory, with every kind of target at one village. The village lost its power for two hours,
 * its kecamatan is cut off now and cannot reach the complaint service, and that service was out for half an hour.
 */

export const village = "64.08.05.2001";
export const kecamatan = "64.08.05";
export const nowMs = Date.parse("2026-11-20T06:00:00Z");
export const fromMs = nowMs - 86_400_000;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export function inventoryOfTest(): Inventory {
  const shipped = readInventory(join(import.meta.dirname, "../../src/inventory/kutai-timur"), {
    SAMBUNG_DOOR: "http://127.0.0.1:8080/livez",
  });
  const base = { site: village, of: null, link: null, service: null };
  const at = { intervalS: 60, timeoutMs: 5_000 };
  const ping = (id: string, role: Target["role"], address: string): Target => ({
    ...base,
    key: `${village}/${id}`,
    role,
    probe: { ...at, id, kind: "icmp", address, count: 5, sizeBytes: 56, dscp: 0, family: null },
  });
  const added: Target[] = [
    ping("gw", "gateway", "192.0.2.1"),
    ping("hub", "hub", "192.0.2.2"),
    {
      ...base,
      key: `${village}/rt`,
      role: "device",
      probe: {
        ...at,
        id: "rt",
        kind: "snmp",
        address: "192.0.2.1",
        port: 161,
        auth: { version: "2c", community: "public" },
        oids: { sysUpTime: "1.3.6.1.2.1.1.3.0" },
        profile: null,
      },
    },
    {
      ...base,
      key: `${village}/lapor`,
      role: "service",
      service: "lapor",
      probe: {
        ...at,
        id: "lapor",
        kind: "http",
        url: "https://www.lapor.go.id",
        expectStatus: [],
        expectBody: null,
        maxBodyBytes: 524_288,
        redirects: "any",
        httpVersion: "auto",
        family: null,
        maxRedirects: 3,
        verifyTls: true,
      },
    },
  ];
  const targets = new Map([...shipped.targets, ...added.map((target) => [target.key, target] as const)]);
  const links = new Map([...shipped.links, ...linksOfTest.map((link) => [link.id, link] as const)]);
  return { ...shipped, targets, links, allLinks: links };
}

/** Uplinks with a promise: of the village, and of the kecamatan that is cut off. */
const linksOfTest: Link[] = [
  { id: "desa-radio", site: village, parent: kecamatan, technology: "radio" as const },
  { id: "kecamatan-fo", site: kecamatan, parent: "64.08", technology: "fibre" as const },
].map((link) => ({
  ...link,
  provider: "Penyedia Contoh A",
  circuitId: `CONTOH-${link.id}`,
  gateway: null,
  contract: "contoh-serat-optik",
}));

/** Round-trip times that go up and down, and a lost packet in every tenth round. */
export function roundsAt(timeMs: number[]): Rounds[] {
  const received = timeMs.map((_, at) => (at % 10 === 9 ? 4 : 5));
  const rttUs = (baseUs: number) =>
    received.flatMap((count, at) =>
      Array.from({ length: count }, (_, reply) => baseUs + (at % 7) * 100 + reply * 50),
    );
  const ping = (id: string, baseUs: number): Rounds => ({
    key: `${village}/${id}`,
    kind: "icmp",
    timeMs,
    sent: timeMs.map(() => 5),
    recv: received,
    rttUs: rttUs(baseUs),
  });
  const each = <T>(value: T) => timeMs.map(() => value);
  return [
    ping("gw", 800),
    ping("hub", 24_000),
    {
      key: `${village}/rt`,
      kind: "snmp",
      timeMs,
      ok: each(1),
      values: radioValues(timeMs),
    },
    {
      key: `${village}/lapor`,
      kind: "http",
      timeMs,
      ok: each(1),
      phase: each(null),
      status: each(200),
      dnsMs: each(12),
      connectMs: each(31),
      tlsMs: each(64),
      ttfbMs: each(120),
      totalMs: each(240),
      certExpiresS: each(5_000_000),
    },
  ];
}

/** A radio with one interface, a signal and the battery that it lives on. */
function radioValues(timeMs: readonly number[]): Record<string, number[] | string[]> {
  const perSecond = (rate: number) => timeMs.map((ms) => Math.round(((ms - fromMs) / 1000) * rate) + 1);
  return {
    sysUpTime: timeMs.map((ms) => Math.round((ms - fromMs) / 10) + 100),
    "ifName.2": timeMs.map(() => "ether1"),
    "ifOperStatus.2": timeMs.map(() => 1),
    "ifHCInOctets.2": perSecond(250_000),
    "ifHCOutOctets.2": perSecond(40_000),
    "ifInErrors.2": perSecond(0.5),
    "ifOutErrors.2": perSecond(0.1),
    "ifInDiscards.2": perSecond(0.2),
    "ifOutDiscards.2": perSecond(0.3),
    "signalDbm.1": timeMs.map((_, at) => -62 - (at % 5)),
    "snrDb.1": timeMs.map((_, at) => 24 - (at % 3)),
    "batteryChargeRatio.1": timeMs.map((_, at) => 0.9 - (at % 60) / 1000),
  };
}

export const power = { startMs: fromMs + 8 * hourMs, endMs: fromMs + 10 * hourMs };
const service = { startMs: fromMs + 15 * hourMs, endMs: fromMs + 15.5 * hourMs };
const cut = { startMs: nowMs - 2 * hourMs, endMs: null };
/** It was cut off before, and came back. */
const early = { startMs: fromMs + 3 * hourMs, endMs: fromMs + 3 * hourMs + 20 * minuteMs };
/** A kecamatan that became slow within the last hour. */
const changed = "64.08.07";
const changing = { startMs: nowMs - 20 * minuteMs, endMs: null };

export function outagesOfTest(): OutageRecord[] {
  const outage = (id: string, over: Partial<OutageRecord>): OutageRecord => ({
    id,
    incident: `inc_${id}`,
    site: village,
    link: null,
    service: null,
    startMs: 0,
    endMs: null,
    cause: "unknown",
    confidence: "high",
    evidence: [{ fact: "gateway.silent", target: null, detail: { rounds: 3 } }],
    root: village,
    revision: 1,
    knownMs: nowMs - 5 * minuteMs,
    withdrawn: false,
    ...over,
  });
  return [
    outage("out_power", { ...power, cause: "power" }),
    outage("out_service", { ...service, service: "lapor", cause: "service", root: "service:lapor" }),
    outage("out_early", { ...early, site: kecamatan, link: "kecamatan-fo", cause: "link", root: kecamatan }),
    outage("out_cut", { ...cut, site: kecamatan, cause: "link", root: kecamatan, confidence: "medium" }),
    outage("out_seen", { ...cut, site: kecamatan, service: "lapor", cause: "link", root: kecamatan }),
  ];
}

interface Stretch {
  startMs: number;
  endMs: number | null;
}

export function statesOfTest() {
  const states = (
    site: string,
    of: string,
    breaks: readonly (Stretch & { state: SiteState; cause: Cause })[],
  ) => {
    const segments: StateSegment[] = [];
    const add = (stretch: Stretch, state: SiteState, cause: Cause | null) =>
      segments.push({ site, service: of, ...stretch, state, cause });
    let atMs: number | null = fromMs - hourMs;
    for (const { state, cause, ...stretch } of breaks) {
      if (atMs !== null) add({ startMs: atMs, endMs: stretch.startMs }, "up", null);
      add(stretch, state, cause);
      atMs = stretch.endMs;
    }
    if (atMs !== null) add({ startMs: atMs, endMs: null }, "up", null);
    return { site, service: of, replaceFromMs: 0, knownMs: 0, segments };
  };
  const powerCut = { ...power, state: "down", cause: "power" } as const;
  const serviceOut = { ...service, state: "down", cause: "service" } as const;
  return [
    states(village, "", [powerCut]),
    states(village, "lapor", [powerCut, serviceOut]),
    states("64.08", "", []),
    states(changed, "", [{ ...changing, state: "degraded", cause: "congestion" }]),
    states("64.08", "lapor", [serviceOut]),
    states(kecamatan, "", [
      { ...early, state: "down", cause: "link" },
      { ...cut, state: "down", cause: "link" },
    ]),
  ];
}
