import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import type { EvidenceItem, SiteState } from "../../src/outage/table.ts";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { nowMs, openTestHttp, testAdmission } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeInventory, makeLink, makeSite } from "../support/inventory.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { seededRandom } from "../support/random.ts";
import { createDeliveryTo } from "./partner-deliveries.ts";
import type { DeliveryTo } from "./partner-deliveries.ts";

/*
 * One district four times: Telkom's links have the same past in each, BAKTI's have one past, another one, or none, or are not
 * there at all. Where a row of Telkom's tells of something above or beside it, that is different in each as well.
 *
 * Two links change hands on the way: Batas goes from Telkom, and Tepi comes to it. What they do in another's hands, and what of
 * it is learned late, is different in each.
 */

export const others = ["one", "another", "none", "absent"] as const;
export type Others = (typeof others)[number];

/** Sites whose only link is Telkom's, and whose is BAKTI's. */
const telkomSites = ["64.08", "64.08.01", "64.08.02.2001"];
const baktiSites = ["64.08.02", "64.08.02.2002"];
const [batasSite, tepiSite] = ["64.08.01.2002", "64.08.01.2003"];

const hourMs = 3_600_000;

export interface PartnerWorld extends AsyncDisposable {
  http: TestHttp;
  telkom: string;
  /** What left for webhooks and callbacks of Telkom. */
  sent: DeliveryTo;
  /** Names of these from the beginning. */
  hooks: string[];
  /** The links change hands, and things happen. */
  handOver: () => Promise<void>;
  /** Names of BAKTI's own: outages, alarms, webhooks, a cursor. */
  foreign: { outages: string[]; hooks: string[]; cursor: string };
}

type Random = () => number;

/** `seed`: of Telkom's past. */
export async function openPartnerWorld(of: Others, seed: number): Promise<PartnerWorld> {
  const before = inventoryOf(of, { batas: "Telkom", tepi: otherThan(of) });
  const after = inventoryOf(of, { batas: otherThan(of), tepi: "Telkom" });
  const limits = { ...testAdmission.limits, keyPerMinute: 1_000_000, refusedPerMinute: 1_000_000 };
  const http = await openTestHttp({ inventory: before, deps: { admission: { ...testAdmission, limits } } });
  const telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  const bakti = await addPartnerKey(http.state, "BAKTI", nowMs);
  const sent = createDeliveryTo(http);
  // Of two that were made at one moment the drawn names say which is listed first.
  http.clock.ms -= 60_000;
  const hooks = await register(http, telkom);
  http.clock.ms += 60_000;
  const own = drawOwn(seededRandom(seed), seededRandom(seed + others.indexOf(of) + 1), of);
  const hidden = seededRandom(seed * 31 + others.indexOf(of));
  const theirs = isQuiet(of) ? [] : drawTheirs(hidden);
  const given = drawGiven(seededRandom(seed + 5));
  const rows = [...own, ...theirs, ...given].sort((a, b) => a.knownMs - b.knownMs || a.revision - b.revision);
  // As the watch writes them, each moment at once, and with looks in between: what is where in a feed must not depend on
  // them.
  for (const outages of Map.groupBy(rows, ({ knownMs }) => knownMs).values()) {
    await http.state.writeWatch({ outages, states: [], alerts: [], messages: [] });
    if (of === "one") await http.request("/api/v1/partner/outages", { key: bakti });
    if (of === "another") await sent.delivery.drain();
  }
  await sent.delivery.drain();
  await writeStates(http, of, seed);
  return {
    http,
    telkom,
    sent,
    hooks,
    async handOver() {
      http.held.inventory = after;
      await http.followPartners();
      const atMs = http.clock.ms;
      const outages = [...drawAfter(seededRandom(seed + 9), atMs), ...drawLate(hidden, given, { of, atMs })];
      const [batas, tepi] = [batasSite, tepiSite].map((site) => drawStates(hidden, site, { of, atMs }));
      await http.state.writeWatch({ outages, states: [batas!, tepi!], alerts: [], messages: [] });
      await sent.delivery.drain();
    },
    foreign: await actAsBakti(http, bakti),
    async [Symbol.asyncDispose]() {
      await sent.delivery.stop();
      http[Symbol.dispose]();
    },
  };
}

const isQuiet = (of: Others) => of === "none" || of === "absent";
/** BAKTI has links in three of the worlds, and in the fourth others have what Telkom has not. */
const otherThan = (of: Others) => (of === "absent" ? "Lain" : "BAKTI");

/** Telkom's webhook and callback. */
async function register(http: TestHttp, key: string): Promise<string[]> {
  const send = async (path: string, body: object) => {
    const response = await http.request(path, {
      method: "POST",
      key,
      headers: { "Content-Type": "application/json", "Idempotency-Key": `"at first ${path}"` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string; data: { id: string } };
  };
  const webhook = await send("/api/v1/partner/webhooks", { url: "http://127.0.0.1:9/first" });
  const callback = await send(`${alarmBase}/hub`, { callback: "http://127.0.0.1:9/hub" });
  return [webhook.data.id, callback.id];
}

function inventoryOf(of: Others, whose: { batas: string; tepi: string }): Inventory {
  const { sites, links } = twoProviders();
  const kept = [...links.values()].filter(({ provider }) => of !== "absent" || provider === "Telkom");
  const known = kept.map((link) =>
    of === "one" || link.provider === "Telkom"
      ? link
      : { ...link, circuitId: `other-${of}`, technology: "leo" as const },
  );
  const [batas, tepi] = [makeSite(batasSite, "Batas"), makeSite(tepiSite, "Tepi")];
  const passed = (site: Site, id: "batas" | "tepi") => {
    const circuitId = whose[id] === "Telkom" ? `C-${id}` : `rahasia-${of}`;
    return makeLink(site, { id, provider: whose[id], circuitId });
  };
  return makeInventory({
    sites: [...sites.values(), batas, tepi],
    links: [...known, passed(batas, "batas"), passed(tepi, "tepi")],
  });
}

/** Of Batas while it is Telkom's: two that are over, and one that lasts. */
function drawGiven(random: Random): OutageRecord[] {
  return [0, 1, 2].map((at) => {
    const startMs = nowMs - (40 - 10 * at) * hourMs - Math.floor(random() * hourMs);
    const endMs = at === 2 ? null : startMs + 600_000;
    const where = { site: batasSite, root: batasSite };
    return outageRow(`out_batas${at}`, { ...where, startMs, endMs, knownMs: startMs + 700_000 });
  });
}

/** Of Tepi once it is Telkom's. */
function drawAfter(random: Random, atMs: number): OutageRecord[] {
  const startMs = atMs + Math.floor(random() * 60_000);
  return [outageRow("out_tepi", { site: tepiSite, root: tepiSite, startMs, knownMs: startMs + 60_000 })];
}

/** How a site stood in other hands, and in Telkom's: up. Batas never comes back to it. */
function drawStates(random: Random, site: string, { of, atMs }: { of: Others; atMs: number }) {
  const where = { site, service: "" };
  const startMs = atMs - 30 * hourMs;
  const turnMs = startMs + Math.floor(random() * 20) * hourMs;
  const before: SiteState = isQuiet(of) ? "up" : pick(random, ["down", "up", "degraded"]);
  const now: SiteState = site === tepiSite ? "up" : pick(random, ["down", "up"]);
  return {
    ...where,
    replaceFromMs: startMs,
    knownMs: atMs,
    segments: [
      { ...where, startMs, endMs: turnMs, state: before, cause: null },
      { ...where, startMs: turnMs, endMs: null, state: now, cause: null },
    ],
  };
}

/** What is learned after the hand-over: how Batas went on in other hands, and what Tepi did in them. */
function drawLate(
  random: Random,
  given: readonly OutageRecord[],
  { of, atMs }: { of: Others; atMs: number },
): OutageRecord[] {
  if (isQuiet(of)) return [];
  const knownMs = () => atMs + 60_000 + Math.floor(random() * 60_000);
  const revised = given.map((row): OutageRecord => {
    const endMs = (row.endMs ?? atMs) + Math.floor(random() * 60_000);
    return { ...row, revision: 2, endMs, cause: "power", knownMs: knownMs() };
  });
  const more = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, at) => {
    const site = random() < 0.5 ? batasSite : tepiSite;
    const startMs = atMs - (1 + Math.floor(random() * 300)) * hourMs;
    const where = { site, root: site };
    return outageRow(`out_late${at}`, { ...where, startMs, endMs: startMs + hourMs / 2, knownMs: knownMs() });
  });
  return [...revised.filter(() => random() < 0.7), ...more];
}

/** `random`: of what is Telkom's own. `hidden`: of what belongs to others. */
function drawOwn(random: Random, hidden: Random, of: Others): OutageRecord[] {
  const rows: OutageRecord[] = [];
  for (let at = 0; at < 12; at++) {
    const site = pick(random, [...telkomSites, "64.08.01.2001"]);
    const isLink = site === "64.08.01.2001";
    const cause = pick(random, ["link", "power", "rain", "unknown", "above"] as const);
    const startMs = nowMs - Math.floor(random() * 400) * (hourMs / 8) - hourMs;
    const endMs = random() < 0.3 ? null : startMs + 60_000 + Math.floor(random() * 100) * 10_000;
    const knownMs = startMs + 120_000;
    const silent = Math.floor(random() * 600);
    const isAbove = cause === "above";
    const make = (revision: number, more: Partial<OutageRecord>): OutageRecord =>
      outageRow(`out_own${at}`, {
        site,
        // Of an only link the watch tells as of its site.
        ...(isLink && of !== "absent" ? { link: "atas-1", ofLink: true } : {}),
        startMs,
        endMs: null,
        cause: isAbove ? pick(hidden, ["backhaul", "hub", "relay", "power"] as const) : cause,
        root: isAbove ? pick(hidden, ["64.08.02", "64.08.02.2002", "service:x"]) : site,
        incident: `inc_${Math.floor(hidden() * 1000)}_${of}`,
        evidence: [
          { fact: "gateway.answers", target: `${site}/gw`, detail: { silentS: silent } },
          ...hiddenEvidence(hidden, of),
        ],
        revision,
        knownMs,
        ...more,
      });
    rows.push(make(1, {}));
    // Revisions in which only others' affairs changed.
    const idle = Math.floor(hidden() * 3);
    for (let more = 0; more < idle; more++)
      rows.push(make(2 + more, { knownMs: knownMs + 1 + Math.floor(hidden() * 5_000) }));
    const last = knownMs + 10_000;
    if (endMs !== null) rows.push(make(2 + idle, { endMs, knownMs: last }));
    else if (random() < 0.2) rows.push(make(2 + idle, { withdrawn: true, knownMs: last }));
  }
  return rows;
}

function hiddenEvidence(hidden: Random, of: Others): EvidenceItem[] {
  const all: EvidenceItem[] = [
    { fact: "parent.down", target: null, detail: { site: "64.08.02" } },
    { fact: "siblings.cut", target: null, detail: { cut: Math.floor(hidden() * 9), of: 9 } },
    { fact: "hub.silent", target: "64.08.02/gw", detail: { silentS: Math.floor(hidden() * 99) } },
    { fact: "link.onBackup", target: null, detail: { link: `atas-2-${of}` } },
    { fact: "path.ends", target: null, detail: { address: `10.9.8.${of}`, hop: 3 } },
  ];
  return all.filter(() => hidden() < 0.5);
}

function drawTheirs(random: Random): OutageRecord[] {
  return Array.from({ length: 5 + Math.floor(random() * 20) }, (_, at) => {
    const isLink = random() < 0.3;
    const site = isLink ? "64.08.01.2001" : pick(random, baktiSites);
    const startMs = nowMs - Math.floor(random() * 400) * (hourMs / 8) - hourMs;
    return outageRow(`out_bakti${at}`, {
      site,
      ...(isLink ? { link: "atas-2", ofLink: true } : {}),
      startMs,
      endMs: random() < 0.5 ? null : startMs + 600_000,
      cause: pick(random, ["link", "power", "backhaul"] as const),
      knownMs: startMs + 120_000 + Math.floor(random() * 1000),
    });
  });
}

async function writeStates(http: TestHttp, of: Others, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const hidden = seededRandom(seed + others.indexOf(of) + 7);
  const ownStates = telkomSites.map((site) => ({ site, from: random }));
  const theirs = isQuiet(of) ? [] : baktiSites.map((site) => ({ site, from: hidden }));
  const startMs = nowMs - 40 * hourMs;
  const write = (site: string, from: Random, link?: string) => {
    const at = startMs + Math.floor(from() * 30) * hourMs;
    const rest: SiteState = pick(from, ["up", "down", "unreachable", "degraded"]);
    const whose = { site, service: "", ...(link === undefined ? {} : { link }) };
    return {
      ...whose,
      replaceFromMs: startMs,
      knownMs: nowMs,
      segments: [
        { ...whose, startMs, endMs: at, state: "up" as const, cause: null },
        { ...whose, startMs: at, endMs: null, state: rest, cause: null },
      ],
    };
  };
  await http.state.writeWatch({
    outages: [],
    states: [
      ...[...ownStates, ...theirs].map(({ site, from }) => write(site, from)),
      write("64.08.01.2001", random, of === "absent" ? undefined : "atas-1"),
      // How Atas stands as a whole depends on its other link.
      ...(isQuiet(of) ? [] : [write("64.08.01.2001", hidden, "atas-2"), write("64.08.01.2001", hidden)]),
    ],
    alerts: [],
    messages: [],
  });
}

async function actAsBakti(http: TestHttp, key: string): Promise<PartnerWorld["foreign"]> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": '"of-bakti"' };
  const page = (await (await http.request("/api/v1/partner/outages?limit=5", { key })).json()) as {
    data: { id: string }[];
    meta: { nextCursor: string };
  };
  const outages = page.data.map(({ id }) => id);
  if (outages[0] !== undefined)
    await http.request(`/api/v1/partner/outages/${outages[0]}/comments`, {
      method: "POST",
      key,
      headers,
      body: JSON.stringify({ text: "rahasia BAKTI" }),
    });
  const made = await http.request("/api/v1/partner/webhooks", {
    method: "POST",
    key,
    headers: { ...headers, "Idempotency-Key": '"hook-of-bakti"' },
    body: JSON.stringify({ url: "http://127.0.0.1:9/bakti" }),
  });
  const { data } = (await made.json()) as { data: { id: string } };
  return { outages, hooks: [data.id], cursor: page.meta.nextCursor };
}

function pick<T>(random: Random, of: readonly T[]): T {
  return of[Math.floor(random() * of.length)]!;
}
