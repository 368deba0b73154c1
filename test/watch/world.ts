import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Inventory, Role, Target } from "../../src/inventory/inventory.ts";
import type { Evidence } from "../../src/outage/evidence.ts";
import { joinRounds } from "../../src/series/join.ts";
import { firstAnswerMs } from "../../src/series/answers.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import type { StoredEvent } from "../../src/state/state-store.ts";
import { targetFacts } from "../../src/watch/run-cache.ts";
import { addRounds } from "../../src/watch/runs.ts";
import { epochMs, smallDistrict } from "../support/evidence.ts";
import { whole } from "../support/random.ts";

/*
 * What the agents of the small district measure in some hours that a seed decides: cut uplinks, silent agents, a broken
 * service, lost rounds, machines that start again. Everything of one agent comes in batches of some rounds each.
 */

export const noc = "64.08";
export const kec = "64.08.04";
export const v1 = "64.08.04.2001";
export const v2 = "64.08.04.2002";
export const places = [noc, kec, v1, v2] as const;
export type PlaceCode = (typeof places)[number];

export interface Batch {
  agent: string;
  site: string;
  seq: number;
  rounds: Rounds[];
  events: StoredEvent[];
  /** The last moment it tells of, epoch ms: it cannot arrive earlier. */
  lastMs: number;
}

export type Span = readonly [fromS: number, toS: number];

/** Seconds from the epoch of these tests in which something was the matter. */
export interface Faults {
  /** The site's uplink is cut. */
  cut: Partial<Record<PlaceCode, Span[]>>;
  /** The agent measures nothing. */
  silent: Partial<Record<PlaceCode, Span[]>>;
  /** The service answers nobody. */
  service: Span[];
  /** Chance that a round is lost for no reason. */
  lossChance: number;
  /** The machine started again. */
  reboots: { site: PlaceCode; atS: number }[];
}

export const noFaults: Faults = { cut: {}, silent: {}, service: [], lossChance: 0, reboots: [] };

interface Measured {
  site: PlaceCode;
  id: string;
  role: Role;
  of?: PlaceCode;
  /** Sites whose uplinks the way leads over. */
  over: readonly PlaceCode[];
}

const measured: Measured[] = [
  { site: noc, id: "gw", role: "gateway", over: [] },
  { site: noc, id: "anchor", role: "anchor", over: [noc] },
  { site: noc, id: "below-kec", role: "site", of: kec, over: [kec] },
  { site: noc, id: "lapor", role: "service", over: [noc] },
  { site: kec, id: "gw", role: "gateway", over: [] },
  { site: kec, id: "noc", role: "noc", over: [kec] },
  { site: kec, id: "below-v1", role: "site", of: v1, over: [v1] },
  { site: kec, id: "below-v2", role: "site", of: v2, over: [v2] },
  ...([v1, v2] as const).flatMap((site): Measured[] => [
    { site, id: "gw", role: "gateway", over: [] },
    { site, id: "hub", role: "hub", over: [site] },
    { site, id: "noc", role: "noc", over: [site, kec] },
    { site, id: "lapor", role: "service", over: [site, kec, noc] },
  ]),
];

/** The small district with what its agents measure, a round each `intervalS`. */
export function districtOf(intervalS: number): Inventory {
  const targets = measured.map(({ site, id, role, of }): [string, Target] => {
    const common = { id, intervalS, timeoutMs: 1000 };
    const probe: AgentTarget =
      role === "service"
        ? {
            ...common,
            kind: "http",
            url: "http://lapor.test/",
            expectStatus: [],
            expectBody: null,
            maxBodyBytes: 524_288,
            redirects: "any",
            httpVersion: "auto",
            family: null,
            maxRedirects: 3,
            verifyTls: true,
          }
        : { ...common, kind: "icmp", address: "127.0.0.1", count: 1, sizeBytes: 56, dscp: 0, family: null };
    const key = `${site}/${id}`;
    const service = role === "service" ? "lapor" : null;
    return [key, { key, site, role, of: of ?? null, link: null, service, probe }];
  });
  return { ...smallDistrict(), targets: new Map(targets) };
}

const within = (spans: readonly Span[] | undefined, second: number) =>
  spans?.some(([from, to]) => second >= from && second < to) ?? false;

/** All that is measured in [0, toS), as batches of `batchS` seconds, in the order in which it happens. */
export function measureWorld(
  { cut, silent, service, lossChance, reboots }: Faults,
  {
    intervalS,
    toS,
    batchS,
    random,
    isMissed = () => false,
  }: {
    intervalS: number;
    toS: number;
    batchS: number;
    random: () => number;
    /** Whether the agent did not get round to a round; asked once for each. */
    isMissed?: () => boolean;
  },
): Batch[] {
  const batches: Batch[] = [];
  const seqs = new Map<string, number>();
  const phases = places.map(() => whole(random, intervalS));
  for (let fromS = 0; fromS < toS; fromS += batchS) {
    for (const [index, site] of places.entries()) {
      const seconds: number[] = [];
      const endS = Math.min(fromS + batchS, toS);
      for (
        let at = Math.ceil((fromS - phases[index]!) / intervalS) * intervalS + phases[index]!;
        at < endS;
        at += intervalS
      )
        if (at >= fromS && !within(silent[site], at) && !isMissed()) seconds.push(at);
      const rounds = measured
        .filter((one) => one.site === site)
        .flatMap(({ id, role, over }) => {
          const good = seconds.map(
            (second) =>
              !over.some((place) => within(cut[place], second)) &&
              !(role === "service" && within(service, second)) &&
              random() >= lossChance,
          );
          return seconds.length === 0 ? [] : [toRounds(`${site}/${id}`, role, seconds, good)];
        });
      const agent = agentOf(site);
      const events = reboots
        .filter((reboot) => reboot.site === site && reboot.atS >= fromS && reboot.atS < endS)
        .map(({ atS }) => ({
          agent,
          site,
          timeMs: epochMs + atS * 1000,
          type: "agent.start",
          detail: { hostBootChanged: true },
        }));
      if (rounds.length === 0 && events.length === 0) continue;
      const seq = (seqs.get(agent) ?? 0) + 1;
      seqs.set(agent, seq);
      batches.push({ agent, site, seq, rounds, events, lastMs: epochMs + endS * 1000 });
    }
  }
  return batches;
}

function toRounds(key: string, role: Role, seconds: readonly number[], good: readonly boolean[]): Rounds {
  const timeMs = seconds.map((second) => epochMs + second * 1000);
  const ok = good.map((is) => (is ? (1 as const) : (0 as const)));
  if (role !== "service") {
    return {
      key,
      kind: "icmp",
      timeMs,
      sent: ok.map(() => 1),
      recv: [...ok],
      rttUs: ok.flatMap((is) => (is === 1 ? [900] : [])),
    };
  }
  const none = ok.map(() => null);
  return {
    key,
    kind: "http",
    timeMs,
    ok,
    phase: good.map((is) => (is ? null : "connect")),
    status: good.map((is) => (is ? 200 : null)),
    dnsMs: none,
    connectMs: none,
    tlsMs: none,
    ttfbMs: none,
    totalMs: none,
    certExpiresS: none,
  };
}

export const agentOf = (site: string) => `ag_${site.replaceAll(".", "")}`;

/** Faults such as a district has, in [0, toS): some of each, of lengths from one round to most of the time. */
export function randomFaults(random: () => number, toS: number): Faults {
  const span = (): Span => {
    const fromS = whole(random, toS);
    return [fromS, fromS + 30 + Math.floor(random() ** 3 * toS)];
  };
  const spans = (chance: number) =>
    random() < chance ? Array.from({ length: 1 + whole(random, 2) }, span) : [];
  const each = (chance: number) => Object.fromEntries(places.map((place) => [place, spans(chance)]));
  return {
    cut: each(0.4),
    silent: each(0.3),
    service: spans(0.3),
    lossChance: random() < 0.5 ? 0 : 0.15,
    reboots: places.filter(() => random() < 0.3).map((site) => ({ site, atS: whole(random, toS) })),
  };
}

/** All of it at once, given in the order in which it was measured, as the pure core takes it. */
export function evidenceOfBatches(
  batches: readonly Batch[],
  inventory: Inventory,
  { fromMs, nowMs, gapFactor }: { fromMs: number; nowMs: number; gapFactor: number },
): Evidence {
  const events = batches.flatMap((batch) => batch.events).filter(({ timeMs }) => timeMs < nowMs);
  return {
    fromMs,
    nowMs,
    events: events.sort((a, b) => a.timeMs - b.timeMs || (a.site < b.site ? -1 : 1)),
    targets: [...inventory.targets.values()].map((target) => {
      const intervalMs = target.probe.intervalS * 1000;
      const pieces = batches.flatMap(({ rounds }) => rounds.filter(({ key }) => key === target.key));
      const all = joinRounds(pieces);
      const runs = all === null ? [] : addRounds([], all, intervalMs, gapFactor);
      return {
        ...targetFacts(target),
        intervalMs,
        answeredMs: all === null ? null : firstAnswerMs(all),
        runs,
      };
    }),
  };
}
