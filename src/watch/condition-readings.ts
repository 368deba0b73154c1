import type { Inventory, Target } from "../inventory/inventory.ts";
import type { HttpRounds, Rounds, SeriesStore, SnmpRounds } from "../series/series-store.ts";
import type { ConditionReading } from "../state/alert-store.ts";
import type { AgentRecord, StateStore, StoredEvent } from "../state/state-store.ts";
import { budgetReadings } from "./budget-readings.ts";
import type { LinkBudget } from "./budget-readings.ts";
import { correctionReadings } from "./correction-readings.ts";
import type { IssueStanding } from "./correction-readings.ts";
import { readSitesWorkedOn } from "./maintenance.ts";
import { partnerReadings } from "./partner-readings.ts";

/*
 * What conditions are read from: the newest rounds of UPSes and of service checks, traps, the agents' last word, what they
 * say of their spools, what is left of the downtime that contracts allow, providers' webhooks, and whether issued months still
 * say what is known. Where nothing was measured lately there is no reading, and nothing is read at places that are
 * cut off or worked on: people know of those, or planned it.
 */

/** Thresholds; null: not looked for. */
export interface ConditionLimits {
  /** A UPS that runs on its battery is told. Default: true. */
  battery: boolean;
  /** Below this charge a battery is low, percent. Default 30, from 1 to 90; over again 10 points above. */
  chargePercent: number | null;
  /** A certificate that ends within so many days. Default 14, from 1 to 90; over again a day above. */
  certificateDays: number | null;
  /** An agent that sent nothing for so long, minutes. Default 30, from 5 to 10,080. */
  silentMin: number | null;
  /** The oldest round in an agent's spool waits for so long, hours. Default 6, from 1 to 720; over again below a quarter. */
  backlogH: number | null;
  /** Less than so much is left of the downtime that a contract allows in a month, percent. Default 20, from 1 to 90. */
  budgetPercent: number | null;
  /** A provider's webhook that was disabled is told. Default: true. */
  partnerWebhook: boolean;
  /** A month that was issued and is no longer what is known is told. Default: true. */
  corrections: boolean;
}

export const defaultConditionLimits: ConditionLimits = {
  battery: true,
  chargePercent: 30,
  certificateDays: 14,
  silentMin: 30,
  backlogH: 6,
  budgetPercent: 20,
  partnerWebhook: true,
  corrections: true,
};

export interface ReadingDeps {
  inventory: () => Inventory;
  series: Pick<SeriesStore, "read">;
  state: Pick<StateStore, "agents" | "standings" | "events" | "outages" | "maintenance" | "allHooks">;
  /** Since when this collector runs, epoch ms: whoever was to be heard before is not silent for it. */
  listeningSinceMs: number;
  /** What is left of links' promises; empty most of the time, since a month is dear to account for. */
  budgets: (nowMs: number) => Promise<readonly LinkBudget[]>;
  /** How issued months stand to what is known; as seldom. */
  corrections: (nowMs: number) => Promise<readonly IssueStanding[]>;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A poll of a UPS or a check older than this tells nothing of now, or three of its intervals. */
const freshMs = 15 * minuteMs;
/** From so many silent agents on they are told as one: what they have in common is nearer than the agents. */
const manyAgents = 5;

export async function readConditions(
  { inventory: inForce, series, state, listeningSinceMs, budgets, corrections }: ReadingDeps,
  limits: ConditionLimits,
  nowMs: number,
): Promise<ConditionReading[]> {
  const inventory = inForce();
  const excused = await findExcused(state, inventory, nowMs);
  const mayTell = ({ site }: { site: string }) => !excused.has(site);
  const targets = [...inventory.targets.values()].filter(
    (target) => target.probe.kind === "snmp" || isControl(target, inventory),
  );
  const byKey = new Map(targets.map((target) => [target.key, target]));
  const fresh: Rounds[] = [];
  // Targets of one window are read together; a slow one would have all others read far back.
  for (const [windowMs, ofWindow] of Map.groupBy(targets, windowOf)) {
    const keys = ofWindow.map(({ key }) => key);
    fresh.push(...(await series.read(keys, nowMs - windowMs, nowMs + 1)));
  }
  const events = await state.events({ fromMs: nowMs - trapMs, toMs: nowMs });
  const agents = await state.agents();
  const { budgetPercent } = limits;
  return [
    ...batteries(fresh, events, byKey, inventory, limits, nowMs).filter(mayTell),
    ...certificates(fresh, byKey, inventory, limits, nowMs),
    ...silences(agents, inventory, limits, { nowMs, listeningSinceMs }, mayTell),
    ...(await backlogs(state, agents, inventory, limits, nowMs)).filter(mayTell),
    ...(limits.corrections ? correctionReadings(await corrections(nowMs), inventory, nowMs) : []),
    ...(budgetPercent === null ? [] : budgetReadings(await budgets(nowMs), inventory, budgetPercent, nowMs)),
    ...(limits.partnerWebhook ? partnerReadings(await state.allHooks(), inventory, nowMs) : []),
  ];
}

/** A check of a service from its control vantage: elsewhere a captive portal may have put in a certificate of its own. */
export function isControl({ probe, service, site }: Target, { services }: Inventory): boolean {
  return probe.kind === "http" && service !== null && services.get(service)?.control === site;
}

function windowOf({ probe }: Target): number {
  return Math.max(freshMs, 3 * probe.intervalS * 1000);
}

/** Sites that are cut off by anything but a silent agent, or worked on. */
async function findExcused(
  state: ReadingDeps["state"],
  inventory: Inventory,
  nowMs: number,
): Promise<Set<string>> {
  const cut = (await state.outages({ fromMs: nowMs, open: true })).filter(
    ({ service, cause, ofLink }) => service === null && cause !== "agent" && ofLink !== true,
  );
  return new Set([...cut.map(({ site }) => site), ...(await readSitesWorkedOn(state, inventory, nowMs))]);
}

/** What a UPS says when it is asked goes before what it said by itself. */
function batteries(
  rounds: readonly Rounds[],
  events: readonly StoredEvent[],
  targets: ReadonlyMap<string, Target>,
  inventory: Inventory,
  limits: ConditionLimits,
  nowMs: number,
): ConditionReading[] {
  const readings: ConditionReading[] = [];
  const asked = new Map<string, number | null>();
  for (const round of rounds) {
    if (round.kind !== "snmp") continue;
    const target = targets.get(round.key)!;
    const of = { subject: round.key, site: target.site, what: [target.probe.id], count: 1 };
    const mains = lastValue(round, "onBattery");
    const charge = lastValue(round, "batteryChargeRatio");
    if (mains !== null) {
      const isGood = mains.value === 0 && asked.get(target.site) !== null;
      asked.set(target.site, isGood ? mains.sinceMs : null);
    }
    if (mains !== null && limits.battery) {
      const level = mains.value === 0 ? "good" : "bad";
      const value = charge === null ? null : percent(charge.value);
      readings.push({ kind: "battery", ...of, level, sinceMs: mains.sinceMs, value });
    }
    if (charge !== null && limits.chargePercent !== null) {
      const value = percent(charge.value);
      const level = levelOf(limits.chargePercent - value, 0, -10);
      readings.push({ kind: "lowBattery", ...of, level, sinceMs: charge.timeMs, value });
    }
  }
  return [...readings, ...trapped(events, asked, inventory, limits, nowMs)];
}

/** What a UPS says by itself: of either kind that it is so, and that it is not. */
const trapWords = {
  battery: { bad: "power.onBattery", good: ["power.onMains"] },
  lowBattery: { bad: "power.lowBattery", good: ["power.batteryRecovered", "power.onMains"] },
};
const trapKinds = ["battery", "lowBattery"] as const;
/** A trap older than this tells nothing of now. */
const trapMs = dayMs;

type TrapKind = (typeof trapKinds)[number];

/** Since when a UPS that is asked runs on mains; null: it does not. */
type Asked = ReadonlyMap<string, number | null>;

/** Whether a UPS said this by itself. What we asked for is read from the rounds. */
function isTrap({ type, timeMs, detail }: StoredEvent, kind: TrapKind, nowMs: number): boolean {
  const { bad, good } = trapWords[kind];
  return (type === bad || good.includes(type)) && detail.polled !== true && timeMs <= nowMs;
}

/** At which sites a UPS said anything by itself in the last day: how any other stands, nobody knows by its traps. */
export async function readTrapped(
  state: Pick<StateStore, "events">,
  nowMs: number,
): Promise<(kind: TrapKind, site: string) => boolean> {
  const events = await state.events({ fromMs: nowMs - trapMs, toMs: nowMs });
  const sitesOf = (kind: TrapKind) =>
    new Set(events.filter((event) => isTrap(event, kind, nowMs)).map(({ site }) => site));
  const sites = { battery: sitesOf("battery"), lowBattery: sitesOf("lowBattery") };
  return (kind, site) => sites[kind].has(site);
}

function trapped(
  events: readonly StoredEvent[],
  asked: Asked,
  inventory: Inventory,
  limits: ConditionLimits,
  nowMs: number,
): ConditionReading[] {
  const isOn = { battery: limits.battery, lowBattery: limits.chargePercent !== null };
  const readings: ConditionReading[] = [];
  for (const kind of trapKinds.filter((one) => isOn[one])) {
    const { bad } = trapWords[kind];
    const told = events.filter((event) => isTrap(event, kind, nowMs));
    for (const [site, ofSite] of Map.groupBy(told, (event) => event.site)) {
      if (!inventory.sites.has(site)) continue;
      const of = { kind, subject: `${site}/trap`, site, what: ["UPS"], count: 1, value: null };
      const inOrder = ofSite.toSorted((a, b) => a.timeMs - b.timeMs);
      // It is repeated while it lasts: the first since it was last over.
      const overAt = inOrder.findLastIndex(({ type }) => type !== bad);
      const first = inOrder[overAt + 1] ?? inOrder[overAt]!;
      if (!asked.has(site))
        readings.push({ ...of, level: first.type === bad ? "bad" : "good", sinceMs: first.timeMs });
      // An alert by its traps that is open still ends with what it answers now.
      const mainsMs = asked.get(site) ?? null;
      if (mainsMs !== null) readings.push({ ...of, level: "good", sinceMs: mainsMs });
    }
  }
  return readings;
}

/** The last value of a metric, and since when it has been zero, or not; null: it was not read. */
function lastValue(
  { values, timeMs }: SnmpRounds,
  metric: string,
): { value: number; timeMs: number; sinceMs: number } | null {
  const column = Object.entries(values).find(([name]) => name === metric || name.startsWith(`${metric}.`));
  if (column === undefined) return null;
  const cells = column[1];
  const at = cells.findLastIndex((cell) => typeof cell === "number");
  if (at === -1) return null;
  const value = cells[at] as number;
  let first = at;
  for (let i = at; i >= 0; i -= 1) {
    const cell = cells[i];
    if (typeof cell !== "number") continue;
    if ((cell === 0) !== (value === 0)) break;
    first = i;
  }
  return { value, timeMs: timeMs[at]!, sinceMs: timeMs[first]! };
}

const percent = (ratio: number) => Math.round(ratio * 100);

/** By how far it is past its limit: bad from `bad` on, good below `good`. */
function levelOf(past: number, bad: number, good: number): ConditionReading["level"] {
  if (past > bad) return "bad";
  return past <= good ? "good" : "between";
}

function certificates(
  rounds: readonly Rounds[],
  targets: ReadonlyMap<string, Target>,
  inventory: Inventory,
  { certificateDays }: ConditionLimits,
  nowMs: number,
): ConditionReading[] {
  if (certificateDays === null) return [];
  return rounds.flatMap((round): ConditionReading[] => {
    if (round.kind !== "http") return [];
    const service = inventory.services.get(targets.get(round.key)!.service ?? "");
    const site = targets.get(round.key)!.site;
    // A target that is measured another way since a reload has rounds of both kinds for a while.
    if (service === undefined) return [];
    const days = daysLeft(round);
    if (days === null) return [];
    return [
      {
        kind: "certificate",
        subject: service.id,
        level: levelOf(certificateDays - days, 0, -1),
        sinceMs: nowMs,
        site,
        what: [service.name],
        count: 1,
        value: Math.floor(days),
      },
    ];
  });
}

function daysLeft({ certExpiresS }: HttpRounds): number | null {
  const seconds = certExpiresS.findLast((cell) => cell !== null) ?? null;
  return seconds === null ? null : seconds / 86_400;
}

function silences(
  agents: readonly AgentRecord[],
  inventory: Inventory,
  { silentMin }: ConditionLimits,
  { nowMs, listeningSinceMs }: { nowMs: number; listeningSinceMs: number },
  mayTell: (at: { site: string }) => boolean,
): ConditionReading[] {
  if (silentMin === null) return [];
  const isNew = nowMs - listeningSinceMs < silentMin * minuteMs;
  let areAllKnown = true;
  const readings = agents.flatMap(({ id, site, lastSeenMs, revokedMs }): ConditionReading[] => {
    // Nobody waits for an agent whose key was revoked.
    if (lastSeenMs === null || revokedMs !== null || !inventory.sites.has(site)) return [];
    if (isNew && lastSeenMs < listeningSinceMs) {
      areAllKnown = false;
      return [];
    }
    const value = Math.max(0, Math.floor((nowMs - lastSeenMs) / minuteMs));
    const level = levelOf(value, silentMin, silentMin / 2);
    const of = { subject: id, site, what: [inventory.sites.get(site)!.name], count: 1 };
    return [{ kind: "agentSilent", ...of, level, sinceMs: lastSeenMs, value }];
  });
  const told = readings.filter((reading) => reading.level === "good" || mayTell(reading));
  const silent = told.filter(({ level }) => level === "bad");
  const top = [...inventory.sites.values()].find(({ parent }) => parent === null);
  if (top === undefined) return told;
  const isMany = silent.length >= manyAgents;
  const many: ConditionReading = {
    kind: "agentSilent",
    subject: "many",
    level: isMany ? "bad" : silent.length > manyAgents / 2 ? "between" : "good",
    sinceMs: silent.reduce((ms, { sinceMs }) => Math.min(ms, sinceMs), nowMs),
    site: top.code,
    what: silent.slice(0, manyAgents).flatMap(({ what }) => what),
    count: silent.length,
    value: silent.reduce((most, { value }) => Math.max(most, value ?? 0), 0),
  };
  if (!areAllKnown && !isMany) return told;
  // One by one they stay as they were while all of them are told as one.
  return [many, ...(isMany ? told.filter(({ level }) => level !== "bad") : told)];
}

async function backlogs(
  state: ReadingDeps["state"],
  agents: readonly AgentRecord[],
  inventory: Inventory,
  { backlogH, silentMin }: ConditionLimits,
  nowMs: number,
): Promise<ConditionReading[]> {
  if (backlogH === null) return [];
  const standings = await state.standings();
  return agents.flatMap(({ id, site, lastSeenMs, revokedMs }): ConditionReading[] => {
    const backlog = standings.get(id)?.backlog ?? null;
    const isHeard = lastSeenMs !== null && nowMs - lastSeenMs < (silentMin ?? 30) * minuteMs;
    if (backlog === null || revokedMs !== null || !isHeard || !inventory.sites.has(site)) return [];
    const waitedMs = backlog.oldestMs === null ? 0 : backlog.oldestMs;
    const hours = waitedMs / 3_600_000;
    return [
      {
        kind: "backlog",
        subject: id,
        level: levelOf(hours, backlogH, backlogH / 4),
        sinceMs: backlog.atMs,
        site,
        what: [inventory.sites.get(site)!.name],
        count: backlog.rounds,
        value: Math.floor(waitedMs / minuteMs),
      },
    ];
  });
}
